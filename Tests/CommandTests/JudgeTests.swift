import Foundation
import TestSupport
import Testing

extension TrainingCommandTests {
  /// Figures with intervals, decisions and comparisons, by the command line.
  @Suite(.serialized) struct JudgeTests {
    private let folder: Folder

    init() throws { folder = try Folder() }

    private struct Evaluated: Decodable {
      struct Figure: Decodable {
        let value: Double
        let interval: [Double]
        let beside: Double?
      }
      struct Metrics: Decodable { let accuracy: Figure }
      let metrics: Metrics
      let samples: Int
    }

    @Test func evaluatesWithIntervalsAndDecides() throws {
      try digest(["two-class", "-q", "-o", folder["run"], "--set", "epochs=2"])
      let alone = try lockstep(["evaluate", folder["run"], "--json"])
      #expect(alone.code == 0 && alone.errors == "", "\(alone.errors)")
      let shared = try lockstep(["evaluate", folder["run"], "--json"], ranks: 3)
      #expect(shared.output == alone.output, "\(shared.errors)")
      let found = try JSONDecoder().decode(Evaluated.self, from: Data(alone.output.utf8))
      let accuracy = found.metrics.accuracy
      #expect(found.samples == 1024 && accuracy.beside == 0.5)
      #expect(accuracy.interval[0] < accuracy.value && accuracy.value < accuracy.interval[1])
      let text = try lockstep(["evaluate", folder["run"], "--resamples", "50", "--positive", "negative"])
      #expect(text.output.contains("positive class negative, 50 resamples\n"), "\(text.output)\(text.errors)")
      #expect(
        text.output.contains(#/roc auc +0\.[0-9]{4}  0\.[0-9]{4} to [01]\.[0-9]{4} +0\.5000 +\+0\.[0-9]{4} \(\+/#))
      expectComplaint(
        64, "--positive: expected negative or positive, found maybe",
        try lockstep(["evaluate", folder["run"], "--positive", "maybe"]))
      // It was watched by its test rows: there are no others to choose by.
      expectComplaint(
        78, "no validation rows to choose by", try lockstep(["decide", folder["run"], "--threshold", "f1"]))
      try folder.write("seen.csv", "x,y,class\n0,0,negative\n1,1,positive\n0.5,1,positive\n1,0.2,negative\n")
      let decided = try lockstep(
        ["decide", folder["run"], "--threshold", "recall=1", "--calibrate", "isotonic", "--data", folder["seen.csv"]])
      #expect(decided.output.contains(#/threshold +[01]\.[0-9]{4} for (positive|negative)\n/#), "\(decided)")
      #expect(decided.output.contains("recall              1.0000\n"))
      for wrong in ["f2", "recall=2", "cost=1", "cost=1,x", "recall"] {
        expectComplaint(
          64, "expected f1, recall=0.9 or cost=1,5, found '\(wrong)'",
          try lockstep(["decide", folder["run"], "--threshold", wrong]))
      }
    }

    @Test func comparesTwoModels() throws {
      try digest(["two-class", "-q", "-o", folder["a"], "--set", "epochs=1"])
      try digest(["two-class", "-q", "-o", folder["b"], "--set", "epochs=1", "--set", "batch=128"])
      let found = try lockstep(["compare", folder["a"], folder["b"], "--resamples", "100"])
      #expect(
        found.code == 0 && found.output.contains("positive class positive, 1,024 rows, 100 resamples\n"), "\(found)")
      let itself = try lockstep(["compare", folder["a"], folder["a"]])
      #expect(itself.output.contains("+0.0000 (+0.0000 to +0.0000)"), "\(itself)")
      try digest(["two-class", "-q", "-o", folder["c"], "--set", "epochs=1", "--set", "seed=9"])
      expectComplaint(65, "unlike", try lockstep(["compare", folder["a"], folder["c"]]))
    }
  }
}
