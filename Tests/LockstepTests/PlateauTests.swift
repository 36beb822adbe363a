import Checkpoints
import Diagnostics
import TestSupport
import Testing

@testable import Lockstep

/// A learning rate that falls when validation rows are predicted no better.
@Suite struct PlateauTests {
  private let folder: Folder

  init() throws { folder = try Folder() }

  private func recipe(_ settings: String) throws -> String {
    try ChanceTable.recipe(in: folder, "epochs: 24\nlog-every: 1\n\(settings)")
  }

  private func numbers(_ key: String, _ run: String) throws -> [Double] {
    try folder.text("\(run)/metrics.jsonl").split(separator: "\n").compactMap {
      guard $0.contains("\"\(key)\": ") else { return nil }
      return Double($0.split(separator: "\"\(key)\": ")[1].prefix { "0123456789.e-+".contains($0) })
    }
  }

  /// The rate of each epoch by the definition, of the scores that a run has measured.
  private func rates(_ scores: [Double], isLow: Bool, patience: Int, factor: Double, cooldown: Int, least: Double)
    -> [Double]
  {
    var (best, since, rate, rates) = (nil as Double?, 0, 0.02, [0.02])
    for (place, score) in scores.enumerated() {
      let epoch = place + 1
      if best.map({ isLow ? score < $0 : score > $0 }) ?? true {
        (best, since) = (score, max(since, epoch))
      } else if epoch - since >= patience {
        (rate, since) = (max(least, rate * factor), epoch + cooldown)
      }
      rates.append(rate)
    }
    return rates
  }

  @Test(arguments: [("loss", true, 2, 0), ("f1", false, 3, 2), ("roc-auc", false, 2, 1)])
  func theRateFalls(_ metric: String, _ isLow: Bool, _ patience: Int, _ cooldown: Int) throws {
    let schedule =
      "schedule: {plateau: {factor: 0.5, patience: \(patience), metric: \(metric), cooldown: \(cooldown), minimum: 0.003}}"
    let digest = try train(try recipe(schedule), in: folder["run"])
    let scores = try numbers("validation-\(metric)", "run")
    let expected = rates(scores, isLow: isLow, patience: patience, factor: 0.5, cooldown: cooldown, least: 0.003)
    let found = try numbers("learning-rate", "run")
    #expect(Set(expected).count > 1, "the rows are no test")
    for epoch in 0..<24 {
      #expect(found[6 * epoch..<6 * epoch + 6].allSatisfy { abs($0 - expected[epoch]) < 1e-9 }, "epoch \(epoch + 1)")
    }
    // On all numbers of ranks the same, and after a stop in the midst of an epoch that has a lower rate.
    let fallen = expected.firstIndex { $0 < 0.02 }!
    for ranks in [2, 3] {
      let run = "of-\(ranks)"
      let codes = try LocalWorld.run(ranks: ranks) { world in
        try TrainingRun(
          recipe: folder["run.yaml"], overrides: ["stop-after=\(6 * fallen + ranks)"], output: folder[run],
          verbosity: .silent, world: world, environment: [:]
        ).train()
      }
      #expect(codes.allSatisfy { $0 == ExitCode.stopped.rawValue })
      #expect(try train(try recipe(schedule), in: folder[run], ranks: ranks, start: .resume) == digest)
      #expect(try numbers("learning-rate", run) == found)
    }
    let state = try #require(try Model(folder["run"]).record.plateau)
    #expect(state.reductions > 0 && state.best == (isLow ? scores.min() : scores.max()))
  }

  @Test func refusals() throws {
    for (settings, words) in [
      ("plateau: {metric: f2}", "schedule.plateau.metric: expected a score that is measured"),
      ("plateau: {patience: 0}", "patience"), ("plateau: {factor: 1}", "factor: expected"),
      ("multi-step: {at: [3, 3]}", "expected steps that ascend, found [3, 3]"),
      ("multi-step: {at: []}", "schedule.multi-step.at"),
      ("exponential: {every: 3}", "schedule.exponential.factor: required"),
      ("exponential: {factor: 0}", "factor: expected"), ("polynomial: {power: -1}", "power"),
    ] {
      let failure = failure { try train(try recipe("schedule: {\(settings)}"), in: folder["none"]) }
      #expect(
        failure?.code == .badConfiguration && failure!.description.contains(words),
        "\(settings): \(String(describing: failure))")
    }
    // What it is watched by is part of the numbers.
    let schedule = "schedule: {plateau: {patience: 2}}\n"
    try train(try recipe(schedule), ["epochs=3"], in: folder["kept"])
    let other = failure {
      try train(try recipe(schedule), ["epochs=6", "evaluate-every=2"], in: folder["kept"], start: .resume)
    }
    #expect(other?.description.contains("expected evaluate-every as it was") == true)
  }

  /// What decides when the rate falls is the same when a run goes on; what is looked at alone may be another.
  @Test func otherWatchedDataAreRefused() throws {
    func rows(_ first: Int, _ count: Int) -> String {
      "a,b,class\n" + (first..<first + count).map { "\($0 * 37 % 101),\($0 * 53 % 97),\($0 % 2)\n" }.joined()
    }
    try folder.write("train.csv", rows(0, 60))
    func run(_ schedule: String, in name: String, from start: TrainingRun.Start = .new) throws {
      let path = try folder.write(
        "\(name).yaml",
        """
        data: {csv: {train: train.csv, test: test.csv, target: class}}
        model: [{dense: 2}]
        batch: 12
        micro-batch: 4
        epochs: 4
        keep-checkpoints: 9
        \(schedule)

        """)
      try train(path, in: folder[name], start: start)
    }
    for (name, schedule) in [
      ("plateau", "schedule: {plateau: {patience: 1}}"), ("best", "early-stopping: {patience: 9}"), ("none", ""),
    ] {
      try folder.write("test.csv", rows(100, 30))
      try run(schedule, in: name)
      let last = try #require(folder.names(name).filter { $0.hasPrefix("step-") }.max())
      try folder.remove("\(name)/\(last)")
      try folder.write("test.csv", rows(200, 30))
      let found = failure { try run(schedule, in: name, from: .resume) }
      if name == "none" {
        #expect(found == nil, "\(found as Any)")
      } else {
        #expect(
          found?.code == .badData && found?.description.contains("looks at, found other samples or targets") == true,
          "\(found as Any)")
        try folder.write("test.csv", rows(100, 30))
        try run(schedule, in: name, from: .resume)
      }
    }
  }
}
