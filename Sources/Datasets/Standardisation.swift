import Diagnostics
import Tensors

/// Brings features to mean 0 and deviation 1: `(x - mean) * (1 / deviation)`, in single precision; of wide columns the
/// mean is subtracted in double precision, and the difference rounded.
///
/// ```swift
/// let standardisation = Standardisation(from: train, per: .channel)
/// standardisation.means       // [72.94035]
/// standardisation.deviations  // [90.02118]
/// ```
///
/// Taken from the training data, kept in the checkpoint, applied to whatever is evaluated or predicted.
public struct Standardisation: Sendable, Equatable, CustomStringConvertible {
  /// What shares a mean and a deviation.
  public enum Granularity: String, Sendable, CaseIterable {
    /// Each feature has its own.
    case feature
    /// All features of a channel, the last axis, share them.
    case channel
  }

  package let granularity: Granularity
  /// One a feature or channel, in the features' units.
  package let means: [Float]
  /// One a feature or channel, in the features' units; zero for a feature that never changes.
  package let deviations: [Float]

  /// By feature, the means of wide columns in double precision; `means` has them rounded.
  package let wideMeans: [Int: Double]

  /// The same, as the gathering loop wants it.
  let wideEntries: [WideEntry]

  struct WideEntry: Sendable, Equatable {
    let place: Int
    let mean: Double
    let inverse: Float
  }

  /// Entry f mod period belongs to feature f.
  private let meanTable: [Float]
  private let inverseTable: [Float]

  /// Statistics that were kept earlier; they give the bits that they gave then.
  ///
  /// - wideRemainders: by wide column, what its mean is more than its float in `means`.
  ///
  /// Throws bad data where the counts differ, or a number is not finite or a deviation negative.
  package init(
    means: [Float], deviations: [Float], granularity: Granularity, wideRemainders: [Int: Float] = [:]
  ) throws(Failure) {
    guard means.count == deviations.count, !means.isEmpty else {
      throw Failure(
        .badData, "expected as many deviations as means, found \(deviations.count) and \(means.count)")
    }
    if let bad = means.firstIndex(where: { !$0.isFinite }) {
      throw Failure(.badData, "expected finite means, found \(means[bad]) for \(granularity) \(bad)")
    }
    if let bad = deviations.firstIndex(where: { !$0.isFinite || $0 < 0 }) {
      throw Failure(.badData, "expected deviations of 0 or more, found \(deviations[bad]) for \(granularity) \(bad)")
    }
    guard wideRemainders.allSatisfy({ means.indices.contains($0.key) && $0.value.isFinite }) else {
      throw Failure(.badData, "expected a finite remainder of the mean of each column that is subtracted in double")
    }
    self.init(
      checked: means, deviations, granularity,
      wideMeans: Dictionary(uniqueKeysWithValues: wideRemainders.map { ($0, Double(means[$0]) + Double($1)) }))
  }

  /// The means of wide columns are rounded to the sum of two floats, as a checkpoint keeps them.
  init(
    checked means: [Float], _ deviations: [Float], _ granularity: Granularity, wideMeans: [Int: Double] = [:]
  ) {
    self.granularity = granularity
    var means = means
    for (place, mean) in wideMeans { means[place] = Float(mean) }
    let kept = wideMeans.map { place, mean in
      (place, Double(Float(mean)) + Double(Float(mean - Double(Float(mean)))))
    }
    self.means = means
    self.wideMeans = Dictionary(uniqueKeysWithValues: kept)
    self.deviations = deviations
    // Few channels are repeated, so that the gathering loop runs over whole vectors.
    let copies = granularity == .channel ? (Self.shortestPeriod + means.count - 1) / means.count : 1
    meanTable = (0..<copies).flatMap { _ in means }
    let inverses = Self.inverses(deviations)
    inverseTable = (0..<copies).flatMap { _ in inverses }
    wideEntries = kept.sorted { $0.0 < $1.0 }.map { WideEntry(place: $0, mean: $1, inverse: inverses[$0]) }
  }

  /// What differences are multiplied by, one a feature or channel; 1 for a feature that never changes.
  package var inverses: [Float] { Self.inverses(deviations) }

  private static func inverses(_ deviations: [Float]) -> [Float] {
    deviations.map { deviation in
      let inverse = 1 / deviation
      return inverse.isFinite ? inverse : 1
    }
  }

  /// By wide column, what its mean is more than its float in `means`.
  package var wideRemainders: [Int: Float] {
    Dictionary(uniqueKeysWithValues: wideMeans.map { ($0, Float($1 - Double(means[$0]))) })
  }

  private static let shortestPeriod = 128

  /// Whether features of `shape` have as many entries as this.
  func fits(_ shape: Shape) -> Bool { means.count == Self.entries(shape, granularity) }

  static func entries(_ shape: Shape, _ granularity: Granularity) -> Int {
    granularity == .feature ? shape.count : shape.extents.last ?? 1
  }

  /// Throws bad data where this was taken from samples of another form than those of `dataset`.
  public func check(fits dataset: Dataset) throws(Failure) {
    guard !fits(dataset.shape) else { return }
    let found = Self.entries(dataset.shape, granularity)
    throw Failure(
      .badData, at: dataset.source,
      "expected samples of \(means.count) \(granularity)s, as in the training data, "
        + "found \(found) (shape \(dataset.shape))",
      cure: "use data of the form that the model was trained on")
  }

  /// Lends means, inverse deviations and their period to a kernel.
  func withTables(_ body: (UnsafePointer<Float>, UnsafePointer<Float>, Int) -> Void) {
    meanTable.withUnsafeBufferPointer { mean in
      inverseTable.withUnsafeBufferPointer { inverse in
        body(mean.baseAddress!, inverse.baseAddress!, mean.count)
      }
    }
  }

  /// `standardisation of 784 features`
  public var description: String { "standardisation of \(means.count) \(granularity)\(means.count == 1 ? "" : "s")" }
}
