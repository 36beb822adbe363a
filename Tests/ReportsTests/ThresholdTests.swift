import Foundation
import Reports
import Testing

/// Curves, thresholds, slices and importance, where somebody has judged them.
@Suite struct ThresholdTests {
  private static func judged(_ name: String) -> RunFacts {
    var run = RunFacts(path: "runs/a", name: "a")
    var found = Measurement(part: "test", rows: 100)
    let roc: [ClassCurves.Point] = [(0, 0, nil), (0.1, 0.6, 0.8), (0.3, 0.9, 0.4), (1, 1, 0)]
    let recall: [ClassCurves.Point] = [(0.6, 0.75, 0.8), (0.9, 0.6, 0.4), (1, 0.3, 0)]
    found.curves = [ClassCurves(name: name, roc: roc, precisionRecall: recall, gain: roc, share: 0.3)]
    found.curves[0].thresholds = [
      (-7, 1, 0.3, 1, 1), (0.35, 0.9, 0.5625, 0.3, 0.48), (0.8, 0.6, 0.72, 0.1, 0.25), (0.9, 0, nil, 0, 0),
    ]
    found.reliability = [
      .init(probability: 0.1, frequency: 0.2, weight: 60), .init(probability: 0.8, frequency: 0.7, weight: 40),
    ]
    found.threshold = ChosenThreshold(0.35, how: "the best f1")
    let score = Measurement.Score("f1", ReportedFigure(0.5, interval: 0.25...0.75), baseline: (0, "guessing"))
    var undefined = Measurement.Score("roc auc", ReportedFigure(.nan))
    undefined.reason = "one class alone"
    (found.scores, found.headline) = ([score, undefined], score)
    var table = SliceTable(column: name, slices: [.init(name, rows: 3, isSmall: true, scores: [score, undefined])])
    (table.omitted, table.omittedRows) = (7, 9)
    found.slices = [table]
    found.importance = [(name, ReportedFigure(0.1, interval: 0.05...0.2)), ("b", ReportedFigure(-0.01))]
    (found.importanceOf, found.importanceRows) = ("f1", 90)
    run.measured = [found]
    return run
  }

  @Test func judgedRunsAreShown() throws {
    for name in MarkupTests.uglyNames {
      #expect(try faultOf(page: Report([Self.judged(name)]).html) == nil)
    }
    let html = try Report([Self.judged("bad")]).html
    for text in [
      "from a probability of 0.35 on, the best f1", "ROC", "Precision and recall", "Gain",
      "Can probabilities be believed?",
      "at the threshold", "Other thresholds", "none is named",
      "shuffled among 90 of the 100 test rows", "undefined: one class alone", "too few to say much",
      "7 values of fewer rows",
      "How much worse f1 is without a column", "0.25 to 0.75",
    ] { #expect(html.contains(text), "\(text)") }
  }

  /// A threshold that a curve has no point of, nor a chart: below all scores, or above them.
  @Test func anyThresholdCanBeShown() throws {
    for threshold in [-7.0, 0, 0.123, 1, 7] {
      var run = Self.judged("bad")
      run.measured[0].threshold = ChosenThreshold(threshold, how: "by hand")
      #expect(try faultOf(page: Report([run]).html) == nil)
    }
  }
}
