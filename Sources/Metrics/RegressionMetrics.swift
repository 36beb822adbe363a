import Tensors

/// Mean squared and absolute error and R² of predicted numbers, from sums that a caller may add along a tree.
///
/// ```swift
/// var metrics = RegressionMetrics(width: 1)
/// metrics.add(truths: truths, predictions: predictions)  // a micro-batch
/// metrics.meanSquaredError
/// ```
///
/// Each micro-batch gets a value of its own; adding their `sums` along one fixed tree gives the same bits on any number
/// of ranks. Letters: N samples, W outputs of a sample, t truth, p prediction, r reference.
public struct RegressionMetrics: Sendable, Equatable {
  public let width: Int
  /// A number near the truths of each output, taken off before they are summed; W of them.
  public let reference: [Double]
  /// N, then for each output Σ(p - t)², Σ|p - t|, Σ(t - r) and Σ(t - r)².
  public private(set) var sums: [Double]

  private static let sumsPerOutput = 4

  /// How many sums so many outputs have.
  public static func sumWidth(of width: Int) -> Int { 1 + sumsPerOutput * width }

  /// No samples yet.
  ///
  /// `reference` must be the same wherever sums are added; the targets of the data's first sample are a good one, as R² of
  /// truths far from it loses digits. Nil means zeros.
  public init(width: Int, reference: [Double]? = nil) {
    self.init(
      sums: [Double](repeating: 0, count: Self.sumWidth(of: width)), width: width, reference: reference)
  }

  /// The metrics of sums that were added elsewhere.
  public init(sums: [Double], width: Int, reference: [Double]? = nil) {
    precondition(width > 0, "width must be positive, found \(width)")
    precondition(
      sums.count == Self.sumWidth(of: width), "expected 1 + 4·\(width) sums, found \(sums.count)")
    precondition(reference.map { $0.count == width } ?? true, "expected \(width) references")
    self.width = width
    self.reference = reference ?? [Double](repeating: 0, count: width)
    self.sums = sums
  }

  /// Adds samples in their order; both N×W, row-major.
  public mutating func add(truths: FloatView, predictions: FloatView) {
    precondition(
      truths.count == predictions.count && truths.count % width == 0,
      "expected as many predictions as truths, \(width) a sample, found \(predictions.count) and \(truths.count)")
    sums[0] += Double(truths.count / width)
    for i in 0..<truths.count {
      let place = 1 + i % width * Self.sumsPerOutput
      let error = Double(predictions[i]) - Double(truths[i])
      let shifted = Double(truths[i]) - reference[i % width]
      sums[place] += error * error
      sums[place + 1] += abs(error)
      sums[place + 2] += shifted
      sums[place + 3] += shifted * shifted
    }
  }

  /// How many samples were added.
  public var count: Int { Int(sums[0]) }

  /// Mean of (p - t)² over samples and outputs, in the square of the truths' unit; 0 without samples.
  public var meanSquaredError: Double { mean { $0[0] } }

  /// Mean of |p - t| over samples and outputs, in the truths' unit; 0 without samples.
  public var meanAbsoluteError: Double { mean { $0[1] } }

  /// The part of the truths' variance that the predictions explain: 1 is perfect, 0 as good as their mean.
  ///
  /// The mean over the outputs. An output whose truths are all alike has 1 where they are predicted exactly, else 0, as
  /// in scikit-learn. NaN for fewer than two samples.
  public var rSquared: Double {
    (0..<width).reduce(0) { $0 + scores(of: $1).rSquared } / Double(width)
  }

  /// Errors and R² of one output, 0..<W.
  public func scores(of output: Int) -> RegressionScores {
    let sum = outputSums(output)
    let variation = sum[3] - sum[2] * sum[2] / sums[0]
    let rSquared = variation > 0 ? 1 - sum[0] / variation : sum[0] == 0 ? 1.0 : 0
    return RegressionScores(
      meanSquaredError: ratio(sum[0], sums[0]), meanAbsoluteError: ratio(sum[1], sums[0]),
      rSquared: count >= 2 ? rSquared : .nan)
  }

  private func outputSums(_ output: Int) -> [Double] {
    Array(sums[(1 + output * Self.sumsPerOutput)...].prefix(Self.sumsPerOutput))
  }

  private func mean(_ sum: ([Double]) -> Double) -> Double {
    ratio((0..<width).reduce(0) { $0 + sum(outputSums($1)) }, sums[0] * Double(width))
  }
}
