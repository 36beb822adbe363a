import Checkpoints
import Diagnostics
import TestSupport
import Testing

@testable import Lockstep

/// A run that ends when validation rows are predicted no better, and comes to its best epoch.
@Suite struct EarlyStoppingTests {
  private let folder: Folder

  init() throws { folder = try Folder() }

  private func recipe(_ settings: String, validation: Double = 0.3) throws -> String {
    try ChanceTable.recipe(in: folder, "epochs: 30\nkeep-checkpoints: 1\n\(settings)", validation: validation)
  }

  private func steps(_ run: String) -> [Int] {
    folder.names(run).filter { $0.hasPrefix("step-") }.compactMap { Int($0.dropFirst(5)) }.sorted()
  }

  private func stop(_ recipe: String, after step: Int, in output: String, ranks: Int) throws {
    let codes = try LocalWorld.run(ranks: ranks) { world in
      let run = try TrainingRun(
        recipe: recipe, overrides: ["stop-after=\(step)"], output: output, verbosity: .silent, world: world,
        environment: [:])
      return try run.train()
    }
    #expect(codes.allSatisfy { $0 == ExitCode.stopped.rawValue })
  }

  /// Which epoch is the best, by the log of a run that was not ended.
  private func bestEpoch(_ run: String, _ key: String, isLow: Bool, patience: Int) throws -> (best: Int, last: Int) {
    var (best, value, last) = (0, isLow ? Double.infinity : -.infinity, 0)
    for line in try folder.text("\(run)/metrics.jsonl").split(separator: "\n") where line.contains("\"\(key)\": ") {
      let found = Double(line.split(separator: "\"\(key)\": ")[1].prefix { "0123456789.e-+".contains($0) })!
      last += 1
      if isLow ? found < value : found > value { (best, value) = (last, found) }
      if last - best == patience { break }
    }
    return (best, last)
  }

  @Test(arguments: [
    ("loss", true, ""), ("f1", false, ""), ("loss", true, "ema: {decay: 0.5}"), ("roc-auc", false, ""),
    ("log-loss", true, "ema: {decay: 0.5}"),
  ])
  func endsAndComesToTheBestEpoch(_ metric: String, _ isLow: Bool, _ more: String) throws {
    // A score that needs all rows is measured where it is watched alone.
    try train(try recipe("early-stopping: {metric: \(metric), patience: 1000}\n" + more), in: folder["whole"])
    let (best, last) = try bestEpoch("whole", "validation-\(metric)", isLow: isLow, patience: 4)
    #expect(best < last && last < 30, "the rows are no test")
    let stopping = "early-stopping: {metric: \(metric), patience: 4}\n"
    let digest = try train(try recipe(stopping + more), in: folder["run"])
    // 90 rows in batches of 16 are 6 steps.
    #expect(steps("run") == [6 * best, 6 * last])
    let model = try Model(folder["run"])
    #expect(model.record.step == 6 * best && model.record.digest == digest)
    #expect(model.record.best?.epoch == best && model.record.best?.metric == "validation-\(metric)")
    // Of all ranks the same, and after a stop in the midst of an epoch the same.
    for ranks in [2, 3] {
      let run = "of-\(ranks)"
      try stop(try recipe(stopping + more), after: 6 * best + ranks, in: folder[run], ranks: ranks)
      #expect(try train(try recipe(stopping + more), in: folder[run], ranks: ranks, start: .resume) == digest)
      #expect(steps(run) == steps("run"))
      #expect(try folder.text("\(run)/receipt.json") == folder.text("run/receipt.json"))
    }
    // A run that has ended ends again.
    #expect(try train(try recipe(stopping + more), in: folder["run"], start: .resume) == digest)
    #expect(steps("run") == [6 * best, 6 * last])
    let other = failure { try train(try recipe(more), in: folder["run"], start: .resume) }
    #expect(other?.description.contains("expected early-stopping as it was (there), found none") == true)
    let check = try ReceiptCheck(run: folder["run"])
    #expect(try check.receipt(from: .weights, in: folder["check"]) { _ in } == check.receipt)
  }

  /// Where the best epoch's checkpoint is damaged, the newest one is taken, and that is told.
  @Test func damagedBest() throws {
    try train(try recipe("early-stopping: {patience: 3}"), in: folder["run"])
    let all = steps("run")
    #expect(all.count == 2)
    try folder.write("run/\(folder.names("run").first { $0.hasPrefix("step-") }!)/model.safetensors", "torn")
    var told: [String] = []
    let model = try Model(folder["run"]) { told.append($0) }
    #expect(model.record.step == all[1] && told.count == 1 && told[0].contains("damaged"))
  }

  @Test func refusals() throws {
    for (settings, validation, words) in [
      ("early-stopping: {patience: 3, metric: f2}", 0.3, "found f2; did you mean f1?"),
      ("early-stopping: {metric: loss}", 0.3, "patience"),
      ("early-stopping: {patience: 0}", 0.3, "patience"),
    ] {
      let failure = failure { try train(try recipe(settings, validation: validation), in: folder["none"]) }
      #expect(
        failure?.code == .badConfiguration && failure!.description.contains(words),
        "\(settings): \(String(describing: failure))")
    }
  }
}
