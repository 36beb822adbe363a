import Goldens
import Metrics
import Testing

/// Scores against scikit-learn's defaults; see `Tests/Goldens/make-scores.py`.
@Suite struct GoldenScoresTests {
  struct Case: Decodable {
    let name: String
    let classes: Int
    let truths: [Int]
    let predictions: [Int]
    let accuracy: Double
    let report: String
    /// Precision, recall, F₁.
    let macro: [Double]
    let weighted: [Double]
  }

  /// 1e-15: sums of a few numbers below one, in another order.
  @Test func averagesAndReportAreScikitLearns() throws {
    let cases: [Case] = try golden("scores.json")
    #expect(cases.count == 8)
    for golden in cases {
      var (matrix, counts) = (ConfusionMatrix(classes: golden.classes), ClassCounts(classes: golden.classes))
      for (truth, prediction) in zip(golden.truths, golden.predictions) {
        matrix.add(truth: truth, prediction: prediction)
        counts.add(truth: truth, prediction: prediction)
      }
      #expect(matrix.perClass == counts)
      #expect(counts.accuracy == golden.accuracy, "\(golden.name)")
      for (found, expected) in [(counts.macroAverage, golden.macro), (counts.weightedAverage, golden.weighted)] {
        for (found, expected) in zip([found.precision, found.recall, found.f1], expected) {
          #expect(abs(found - expected) < 1e-15, "\(golden.name)")
        }
      }
      let names = (0..<golden.classes).map { "class \($0)" }
      #expect(counts.report(names: names, digits: 4) == golden.report, "\(golden.name)")
    }
  }
}
