/// Exact and ordered statistics of numbers: the same bits on every host.
package enum Statistics {
  /// Numbers of a block, whose sums are added along a tree.
  private static let block = 1024

  /// Mean and deviation (divided by n), in two passes: Σ(x - x₀) and Σ(x - mean)², block by block, then along the tree.
  ///
  /// Zero and zero where there are no numbers; a deviation of exactly zero where they are all the same.
  package static func moments(_ numbers: [Double]) -> (mean: Double, deviation: Double) {
    guard let first = numbers.first else { return (0, 0) }
    let n = Double(numbers.count)
    let mean = first + sum(numbers) { $0 - first } / n
    let squares = sum(numbers) { ($0 - mean) * ($0 - mean) }
    return (mean, (squares / n).squareRoot())
  }

  /// The sum of `term` over all numbers.
  @inline(__always)
  private static func sum(_ numbers: [Double], _ term: (Double) -> Double) -> Double {
    let blocks = stride(from: 0, to: numbers.count, by: block).map { start in
      var sum = 0.0
      for place in start..<min(start + block, numbers.count) { sum += term(numbers[place]) }
      return sum
    }
    return pairwiseFold(blocks, +) ?? 0
  }

  /// The value below which a share of the sorted numbers lies, between neighbours in proportion (Hyndman and Fan's type 7,
  /// as NumPy has it).
  package static func quantile(_ share: Double, ofSorted numbers: [Double]) -> Double {
    precondition(!numbers.isEmpty, "a quantile of no numbers")
    let place = share * Double(numbers.count - 1)
    let below = Int(place)
    guard below + 1 < numbers.count else { return numbers[numbers.count - 1] }
    // Linear between a and b from the nearer end, so that equal neighbours give themselves.
    let (a, b, t) = (numbers[below], numbers[below + 1], place - Double(below))
    let step = b - a
    return t < 0.5 ? a + step * t : b - step * (1 - t)
  }

  /// The most frequent of sorted numbers, the smallest of several.
  package static func mode(ofSorted numbers: [Double]) -> Double {
    var (best, bestCount, start) = (numbers[0], 0, 0)
    for place in 1...numbers.count where place == numbers.count || numbers[place] != numbers[start] {
      if place - start > bestCount { (best, bestCount) = (numbers[start], place - start) }
      start = place
    }
    return best
  }
}
