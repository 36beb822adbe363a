/// Exact and ordered statistics of numbers: the same bits on every host. Memory does not grow with their count.
package enum Statistics {
  /// Numbers of a block, whose sums are added along a tree.
  private static let block = 1024

  /// Mean and deviation (divided by n), in two passes: Σ(x - x₀) and Σ(x - mean)², block by block, then along the tree.
  ///
  /// Zero and zero where there are no numbers; a deviation of exactly zero where they are all the same.
  package static func moments(_ numbers: NumberStream) -> (mean: Double, deviation: Double) {
    guard let first = numbers.first else { return (0, 0) }
    let n = Double(numbers.count)
    let mean = first + sum(numbers) { $0 - first } / n
    let squares = sum(numbers) { ($0 - mean) * ($0 - mean) }
    return (mean, (squares / n).squareRoot())
  }

  package static func moments(_ numbers: [Double]) -> (mean: Double, deviation: Double) {
    moments(NumberStream(numbers))
  }

  /// The sum of `term` over all numbers.
  @inline(__always)
  private static func sum(_ numbers: NumberStream, _ term: (Double) -> Double) -> Double {
    var fold = StreamingFold<Double>(+)
    var (sum, missing) = (0.0, block)
    numbers.forEachBlock { numbers in
      var rest = numbers[...]
      while !rest.isEmpty {
        if missing == block, rest.count >= 4 * block {
          for sum in fourSums(rest.prefix(4 * block), term) { fold.add(sum) }
          rest = rest.dropFirst(4 * block)
          continue
        }
        let part = rest.prefix(missing)
        for number in part { sum += term(number) }
        missing -= part.count
        rest = rest.dropFirst(part.count)
        if missing == 0 {
          fold.add(sum)
          (sum, missing) = (0, block)
        }
      }
    }
    if missing < block { fold.add(sum) }
    return fold.total ?? 0
  }

  /// The sums of four blocks that follow each other, which a processor computes side by side.
  @inline(__always)
  private static func fourSums(_ numbers: Slice<NumberStream.Block>, _ term: (Double) -> Double) -> [Double] {
    let numbers = NumberStream.Block(rebasing: numbers)
    var (a, b, c, d) = (0.0, 0.0, 0.0, 0.0)
    for place in 0..<block {
      a += term(numbers[place])
      b += term(numbers[place + block])
      c += term(numbers[place + 2 * block])
      d += term(numbers[place + 3 * block])
    }
    return [a, b, c, d]
  }

  /// The least and the largest number, the first of several; nil where there are none.
  package static func range(of numbers: NumberStream) -> (least: Double, largest: Double)? {
    var (least, largest) = (Double.infinity, -Double.infinity)
    numbers.forEachBlock { block in
      for number in block {
        if number < least { least = number }
        if number > largest { largest = number }
      }
    }
    return numbers.isEmpty ? nil : (least, largest)
  }

  /// The values below which shares of the numbers lie, which may be in any order; one of them at least.
  package static func quantiles(_ shares: [Double], of numbers: NumberStream) -> [Double] {
    precondition(!numbers.isEmpty, "a quantile of no numbers")
    var places: Set<Int> = []
    func note(_ place: Int) -> Double {
      places.insert(place)
      return 0
    }
    for share in shares { _ = quantile(share, of: numbers.count, at: note) }
    let ranks = places.sorted()
    let found = Dictionary(uniqueKeysWithValues: zip(ranks, self.numbers(at: ranks, of: numbers)))
    return shares.map { quantile($0, of: numbers.count) { found[$0]! } }
  }

  /// The value below which a share of numbers lies, between neighbours in proportion (Hyndman and Fan's type 7, as NumPy has
  /// it); `at` gives the number at a place of all when they are sorted.
  package static func quantile(_ share: Double, of count: Int, at: (Int) -> Double) -> Double {
    let place = share * Double(count - 1)
    let below = Int(place)
    guard below + 1 < count else { return at(count - 1) }
    // Linear between a and b from the nearer end, so that equal neighbours give themselves.
    let (a, b, t) = (at(below), at(below + 1), place - Double(below))
    let step = b - a
    return t < 0.5 ? a + step * t : b - step * (1 - t)
  }
}
