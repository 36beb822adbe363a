import Metrics
import Tensors
import Testing

@Suite struct RegressionMetricsTests {
  private static func add(_ metrics: inout RegressionMetrics, _ truths: [Float], _ predictions: [Float]) {
    let buffers = (FlatBuffer(count: truths.count), FlatBuffer(count: predictions.count))
    buffers.0.view.assign(truths)
    buffers.1.view.assign(predictions)
    metrics.add(truths: buffers.0.view, predictions: buffers.1.view)
  }

  private static func metrics(
    _ truths: [Float], _ predictions: [Float], width: Int = 1, reference: [Double]? = nil
  ) -> RegressionMetrics {
    var metrics = RegressionMetrics(width: width, reference: reference)
    add(&metrics, truths, predictions)
    return metrics
  }

  /// The examples of scikit-learn's documentation: MSE 0.375, MAE 0.5, R² 0.948….
  @Test func oneOutput() {
    let metrics = Self.metrics([3, -0.5, 2, 7], [2.5, 0, 2, 8])
    #expect((metrics.count, metrics.meanSquaredError, metrics.meanAbsoluteError) == (4, 0.375, 0.5))
    #expect(abs(metrics.rSquared - 0.9486081370449679) < 1e-15)
  }

  @Test func twoOutputs() {
    let metrics = Self.metrics([0.5, 1, -1, 1, 7, -6], [0, 2, -1, 2, 8, -5], width: 2)
    #expect(abs(metrics.meanSquaredError - 0.7083333333333334) < 1e-15)
    #expect(metrics.meanAbsoluteError == 0.75)
    // By hand: 1 - 1.25 / 36⅙ and 1 - 3 / 32⅔.
    #expect(abs(metrics.rSquared - ((1 - 1.25 / (217.0 / 6)) + (1 - 3 / (98.0 / 3))) / 2) < 1e-14)
  }

  @Test func eachOutput() {
    let metrics = Self.metrics([0.5, 1, -1, 1, 7, -6], [0, 2, -1, 2, 8, -5], width: 2)
    let (first, second) = (metrics.scores(of: 0), metrics.scores(of: 1))
    #expect(abs(first.meanSquaredError - 1.25 / 3) < 1e-15 && first.meanAbsoluteError == 0.5)
    #expect((second.meanSquaredError, second.meanAbsoluteError) == (1, 1))
    #expect(abs(first.rSquared - (1 - 1.25 / (217.0 / 6))) < 1e-14)
    #expect(abs(second.rSquared - (1 - 3 / (98.0 / 3))) < 1e-14)
    let report = """
          mean squared error  mean absolute error  r squared

       a                0.42                 0.50       0.97
      bc                1.00                 1.00       0.91

      """
    #expect(metrics.report(names: ["a", "bc"], digits: 2) == report)
  }

  @Test func alikeTruths() {
    #expect(Self.metrics([0.1, 0.1, 0.1], [0.1, 0.1, 0.1], reference: [Double(Float(0.1))]).rSquared == 1)
    #expect(Self.metrics([0.1, 0.1, 0.1], [0.1, 0.1, 0.2], reference: [Double(Float(0.1))]).rSquared == 0)
  }

  @Test func tooFewSamples() {
    #expect(RegressionMetrics(width: 1).meanSquaredError == 0)
    #expect(Self.metrics([1], [2]).rSquared.isNaN)
  }

  @Test func sumsOfMicroBatchesAddUp() {
    let (first, second) = (Self.metrics([3, -0.5], [2.5, 0]), Self.metrics([2, 7], [2, 8]))
    let sum = RegressionMetrics(sums: zip(first.sums, second.sums).map { $0 + $1 }, width: 1)
    #expect(sum == Self.metrics([3, -0.5, 2, 7], [2.5, 0, 2, 8]))
  }

  /// Truths far from zero keep their digits when a reference is taken off: R² of the shifted example is the same.
  @Test func referenceKeepsDigits() {
    let offset: Float = 0x1p20
    let metrics = Self.metrics(
      [3, -0.5, 2, 7].map { $0 + offset }, [2.5, 0, 2, 8].map { $0 + offset }, reference: [Double(offset) + 3])
    #expect(abs(metrics.rSquared - 0.9486081370449679) < 1e-15)
  }
}
