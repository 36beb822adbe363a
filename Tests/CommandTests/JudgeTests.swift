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

    /// What a recipe asks for is fitted at its end, told in its table, and the same by the command, alone and as three processes.
    @Test func decidesAtTheEndAndByHand() throws {
      var rows = "x,z,class\n"
      for row in 0..<400 {
        let (x, noise) = (row * 37 % 101, row * 7919 % 61 - 30)
        rows += "\(x),\(row * 53 % 29),\(x + noise > 70 ? "late" : "fine")\n"
      }
      try folder.write("rows.csv", rows)
      let recipe = """
        data:
          table:
            source: {csv: rows.csv}
            target: class
            split: {random: {test: 0.3, validation: 0.2}}
            keep-under: \(folder["prepared"])
            columns: [{number: [x, z]}]
        model: [{dense: 8}, relu, {dense: 2}]
        optimizer: {adam: 0.01}
        batch: 32
        micro-batch: 8
        epochs: 3

        """
      try folder.write("plain.yaml", recipe)
      let own = "decide: {threshold: {cost: {false-positive: 1, false-negative: 9}}, calibrate: temperature}\n"
      try folder.write("own.yaml", recipe + own)
      let plain = try lockstep(["train", folder["plain.yaml"], "-q", "-o", folder["plain"]])
      let trained = try lockstep(["train", folder["own.yaml"], "-q", "-o", folder["own"]], ranks: 2)
      #expect(plain.code == 0 && trained.code == 0, "\(plain.errors)\(trained.errors)")
      func last(_ text: String) -> Substring? { text.split(separator: "\n").last }
      #expect(last(trained.output) == last(plain.output), "the same weights")
      #expect(trained.output.contains(#/temperature +[0-9.]+, by 80 validation rows\n/#), "\(trained.output)")
      #expect(trained.output.contains(#/threshold +0\.[0-9]{4} for late, by 80 validation rows\n/#))
      #expect(trained.output.contains(#/cost of a row +0\.[0-9]{4}; always late 0\.[0-9]{4}, never [0-9.]+\n/#))

      let before = try folder.text("plain/receipt.json")
      let options = ["decide", folder["plain"], "--threshold", "cost=1,9", "--calibrate", "temperature"]
      let shared = try lockstep(options, ranks: 3)
      let told = try folder.text("plain/receipt.json")
      #expect(try shared.code == 0 && told == folder.text("own/receipt.json"), "\(shared)")
      let alone = try lockstep(options)
      #expect(try alone.output == shared.output && told == folder.text("plain/receipt.json"), "\(alone)")
      for run in ["own", "plain"] {
        let verified = try lockstep(["verify", folder[run], "--from", "weights"])
        #expect(verified.code == 0 && verified.output.contains(#/decision +sha256:[^ ]+  the same\n/#), "\(verified)")
      }
      let step = try #require(folder.names("own").last { $0.hasPrefix("step-") })
      let decision = try folder.text("own/\(step)/decision.json")
      try folder.write("own/\(step)/decision.json", decision.replacing("\"late\"", with: "\"fine\""))
      let edited = try lockstep(["verify", folder["own"], "--from", "weights"])
      expectComplaint(65, "link decision differs", edited)
      #expect(edited.errors.contains("choose again with lockstep decide"))
      // Whatever is in the file, choosing once more puts it right.
      try folder.write("own/\(step)/decision.json", "{}")
      expectComplaint(65, "expected a decision, found another file", try lockstep(["evaluate", folder["own"]]))
      let mended = try lockstep(["decide", folder["own"]] + options.dropFirst(2), ranks: 2)
      #expect(try mended.code == 0 && mended.errors == "" && folder.text("own/receipt.json") == told, "\(mended)")
      let compared = try lockstep(["compare", folder["plain"], folder["plain"], "--json"])
      let together = try lockstep(["compare", folder["plain"], folder["plain"], "--json"], ranks: 3)
      #expect(compared.code == 0 && together.output == compared.output && compared.output.contains("\"cost\""))
      let taken = try lockstep(["decide", folder["plain"]], ranks: 2)
      #expect(taken.code == 0 && taken.output.hasSuffix("no threshold, no calibration\n"), "\(taken)")
      #expect(try folder.text("plain/receipt.json") == before)
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
