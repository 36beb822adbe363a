import Metrics

/// A metric that is computed of all rows at once, again and again with other weights: of the rows themselves, of resamples
/// of them, of slices.
///
/// ```swift
/// extension LogLoss: JudgedMetric {
///   public func basis(of rows: JudgedRows) -> (any Basis)? { rows.classes == nil ? nil : MeanBasis("log-loss") { … } }
///   public func figure(_ totals: [Double], of rows: JudgedRows) -> Figure { meanFigure(totals) }
/// }
/// ```
public protocol JudgedMetric: Metric {
  /// What it has to know of such rows; nil where it says nothing of them.
  func basis(of rows: JudgedRows) -> (any Basis)?
  /// What it comes to, of the totals of its basis.
  func figure(_ totals: [Double], of rows: JudgedRows) -> Figure
}

extension Metric {
  /// How files call it: its name, with dashes for blanks.
  package var key: String { name.split(separator: " ").joined(separator: "-") }
}

/// What is computed of rows once, for the metrics that share it.
public protocol Basis: Sendable {
  /// Bases of the same key are the same.
  var key: String { get }
  /// Throws the reason where nothing can be said of these rows, whatever they weigh.
  func prepared(_ rows: JudgedRows) throws -> any PreparedBasis
}

/// What is kept of rows, so that totals can be taken of them with any weights.
///
/// Totals are sums in an order that is written down, so that they have the same bits wherever they are computed.
public protocol PreparedBasis: Sendable {
  /// Steps that one call of `totals` takes, about.
  var work: Int { get }
  /// What resamples draw, where that is something else than rows: how many, and their name.
  var units: (count: Int, name: String)? { get }
  func totals(_ weights: RowWeights) -> [Double]
}

extension PreparedBasis {
  public var units: (count: Int, name: String)? { nil }
}

/// What each row counts: how often a resample has it, times what it weighs itself.
public struct RowWeights {
  private let draws: UnsafeBufferPointer<UInt8>
  private let own: UnsafeBufferPointer<Double>?

  /// Both borrowed, one a row.
  package init(draws: UnsafeBufferPointer<UInt8>, own: UnsafeBufferPointer<Double>?) {
    (self.draws, self.own) = (draws, own)
  }

  public var count: Int { draws.count }

  /// How often a resample has the row.
  @inline(__always)
  package func draws(of place: Int) -> Double { Double(draws[place]) }

  @inline(__always)
  public subscript(place: Int) -> Double {
    let draw = Double(draws[place])
    guard let own else { return draw }
    return draw * own[place]
  }
}
