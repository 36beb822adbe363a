import Tensors

/// Between which numbers a figure would lie in nearly all other samples of as many rows: a percentile interval of resamples
/// (Efron 1981), or why there is none.
public enum FigureInterval: Equatable, Sendable {
  case bounds(low: Double, high: Double)
  case refused(String)

  /// The share of resamples that lies inside.
  public static let confidence = 0.95
  /// Rows below which an interval says nothing.
  static let leastRows = 10
  /// The share of resamples that may have no figure.
  private static let mostUndefined = 0.05

  /// Of a figure's resamples; NaN is one without a figure. What they are drawn of are `rows`, or other units.
  init(_ resamples: [Double], rows: Int, named name: String = "rows") {
    guard rows >= Self.leastRows else {
      self = .refused("\(rows) \(name) are too few")
      return
    }
    guard !resamples.isEmpty else {
      self = .refused("it would take too long")
      return
    }
    let sorted = resamples.filter { !$0.isNaN }.sorted()
    guard Double(resamples.count - sorted.count) <= Self.mostUndefined * Double(resamples.count) else {
      self = .refused("not defined in \(resamples.count - sorted.count) of \(resamples.count) resamples")
      return
    }
    let tail = (1 - Self.confidence) / 2
    func quantile(_ share: Double) -> Double { Statistics.quantile(share, of: sorted.count) { sorted[$0] } }
    self = .bounds(low: quantile(tail), high: quantile(1 - tail))
  }

  /// Nil where there are none.
  public var bounds: (low: Double, high: Double)? {
    if case .bounds(let low, let high) = self { (low, high) } else { nil }
  }
}

extension FigureInterval: Codable {
  private enum Key: String, CodingKey { case refused }

  public init(from decoder: any Decoder) throws {
    if let bounds = try? decoder.singleValueContainer().decode([Double].self), bounds.count == 2 {
      self = .bounds(low: bounds[0], high: bounds[1])
    } else {
      self = .refused(try decoder.container(keyedBy: Key.self).decode(String.self, forKey: .refused))
    }
  }

  /// `[low, high]`, or `{"refused": "…"}`.
  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .bounds(let low, let high):
      var container = encoder.singleValueContainer()
      try container.encode([low, high])
    case .refused(let reason):
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(reason, forKey: .refused)
    }
  }
}
