/// A rising function from scores to frequencies for each class, normalised (Zadrozny, Elkan 2002): of two classes one
/// function for the positive one.
public struct IsotonicCalibration: Codable, Equatable, Sendable {
  /// The class that the one function is for, of two; nil where each class has its own.
  public let positive: Int?
  public let functions: [IsotonicFunction]

  /// Fits rows of classes.
  public init(fittedOn rows: JudgedRows) {
    guard let classes = rows.classes else { preconditionFailure("isotonic calibration is fitted to classes") }
    let width = classes.names.count
    positive = width == 2 ? classes.positive : nil
    functions = (width == 2 ? [classes.positive] : Array(0..<width)).map { number in
      let order = ScoreOrder(rows, classes, of: number)
      var points: [(x: Double, y: Double, weight: Double)] = []
      Resamples.once(rows) { weights in
        order.forEachScore(weights) { place, positive, negative in
          let weight = positive + negative
          guard weight > 0 else { return }
          points.append((classes.probability(of: number, rows.row(place)), positive / weight, weight))
        }
      }
      return IsotonicFunction(points.reversed())
    }
  }

  /// The calibrated probabilities of a row; all the same where every class comes to zero.
  public func apply(to row: [Double]) -> [Double] {
    if let positive {
      let p = functions[0](row[positive])
      return positive == 1 ? [1 - p, p] : [p, 1 - p]
    }
    let values = row.indices.map { functions[$0](row[$0]) }
    let sum = values.reduce(0, +)
    return sum > 0 ? values.map { $0 / sum } : values.map { _ in 1 / Double(row.count) }
  }
}

/// A rising function through points, straight between neighbours and level outside, as scikit-learn's `IsotonicRegression` with
/// `out_of_bounds="clip"`.
public struct IsotonicFunction: Codable, Equatable, Sendable {
  /// Ascending, each once.
  public let xs: [Double]
  /// Never falling.
  public let ys: [Double]

  /// The one with the least Σ w·(f(x) - y)² of points with ascending x, each once: by pooling adjacent violators (Barlow et
  /// al. 1972).
  init(_ points: [(x: Double, y: Double, weight: Double)]) {
    var pools: [(sum: Double, weight: Double, count: Int)] = []
    for point in points {
      pools.append((point.y * point.weight, point.weight, 1))
      while pools.count > 1, isAbove(pools[pools.count - 2], pools[pools.count - 1]) {
        let last = pools.removeLast()
        let own = pools.removeLast()
        pools.append((own.sum + last.sum, own.weight + last.weight, own.count + last.count))
      }
    }
    let values = pools.flatMap { [Double](repeating: $0.sum / $0.weight, count: $0.count) }
    // Points between two of the same height add nothing.
    let kept = values.indices.filter {
      $0 == 0 || $0 == values.count - 1 || values[$0 - 1] != values[$0] || values[$0 + 1] != values[$0]
    }
    (xs, ys) = (kept.map { points[$0].x }, kept.map { values[$0] })
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    (xs, ys) = (try values.decode([Double].self, forKey: .xs), try values.decode([Double].self, forKey: .ys))
    let rises = zip(xs, xs.dropFirst()).allSatisfy { $0 < $1 } && zip(ys, ys.dropFirst()).allSatisfy { $0 <= $1 }
    guard xs.count == ys.count, rises, ys.allSatisfy((0...1).contains) else {
      throw DecodingError.dataCorruptedError(
        forKey: .xs, in: values, debugDescription: "expected a rising function from scores to probabilities")
    }
  }

  /// Its value at `x`.
  public func callAsFunction(_ x: Double) -> Double {
    guard let last = xs.last, let first = xs.first else { return x }
    if x <= first { return ys[0] }
    if x >= last { return ys[ys.count - 1] }
    var (low, high) = (0, xs.count - 1)
    while high - low > 1 {
      let middle = (low + high) / 2
      if xs[middle] <= x { low = middle } else { high = middle }
    }
    let share = (x - xs[low]) / (xs[high] - xs[low])
    return ys[low] + share * (ys[high] - ys[low])
  }
}

private func isAbove(
  _ a: (sum: Double, weight: Double, count: Int), _ b: (sum: Double, weight: Double, count: Int)
) -> Bool { a.sum / a.weight >= b.sum / b.weight }
