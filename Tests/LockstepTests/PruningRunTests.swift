import Checkpoints
import Foundation
import Tensors
import TestSupport
import Testing

@testable import Lockstep

/// Runs whose weights become zeros: gone on from, measured, refused.
@Suite struct PruningRunTests {
  /// 16 steps an epoch.
  private static let settings = [
    "data.two-class.train=1000", "epochs=4", "checkpoint-every=7", "keep-checkpoints=99", "clip-norm=0.5",
    "model=[{dense: 16}, batch-norm, relu, {dense: 8}, tanh, {dense: 2}]", "ema={decay: 0.9}",
  ]

  @Test(arguments: [
    ["prune={share: 0.75, from: 0.5, until: 3, every: 5}"],
    ["prune={share: 0.5, from: 0.5, until: 3, every: 5, structured: true}", "precision=bfloat16"],
  ])
  func aResumedRunHasTheBitsOfAWholeOne(more: [String]) throws {
    let folder = try Folder()
    let settings = Self.settings + more
    let digest = try train("two-class", settings, in: folder["whole"])
    // Before the first time, between two, at one, and behind the last.
    for (last, ranks) in [(7, 2), (16, 3), (28, 2), (48, 3)] {
      try folder.copy("whole", to: "run")
      for name in folder.names("run") where name.hasPrefix("step-") && Int(name.dropFirst(5))! > last {
        try folder.remove("run/\(name)")
      }
      let other = settings + ["bucket-size=16", "lanes=2", "transport=messages"]
      #expect(try train("two-class", other, in: folder["run"], ranks: ranks, start: .resume) == digest, "after \(last)")
      let (now, then) = (try Model(folder["run"]).record, try Model(folder["whole"]).record)
      #expect(now.files == then.files && now.metrics == then.metrics)
      try folder.remove("run")
    }
    // What predicts, the average, has the zeros of what learns.
    let model = try Model(folder["whole"])
    let figures = try #require(try model.pruned())
    let expected = more[0].contains("structured") ? 2 * 8 + 8 * 16 / 2 : Int(0.75 * Double(32 + 128 + 16))
    #expect(figures.reduce(0) { $0 + $1.zeros } == expected)
    #expect(
      figures.map(\.slot) == ["0.weight", "3.weight", "5.weight"].filter { figures.count == 3 || $0 != "5.weight" })
    #expect(try train("two-class", Self.settings, in: folder["plain"]) != digest)
    #expect(try Model(folder["plain"]).pruned() == nil)
    let again = try ReceiptCheck(run: folder["whole"]).receipt(from: .weights, in: folder.path) { _ in }
    #expect(try Receipt(ofRun: folder["whole"]).firstDifference(from: again)?.link == nil)
  }

  /// A run that may end early has its best epoch among those in which all is pruned.
  @Test func theBestEpochIsPruned() throws {
    let folder = try Folder()
    try train(
      "two-class",
      Self.settings + ["prune={share: 0.9, until: 3}", "early-stopping={metric: accuracy, patience: 9}"],
      in: folder["run"])
    let model = try Model(folder["run"])
    #expect(try #require(model.record.best).epoch >= 3)
    #expect(try #require(try model.pruned()).reduce(0) { $0 + $1.zeros } == Int(0.9 * 176))
  }

  @Test(arguments: [
    ("{share: 1, until: 2}", "prune.share"),
    ("{share: 0.5}", "prune.until"),
    ("{share: 0.5, from: 3, until: 2}", "prune.until: expected an epoch after that of from (3.0), found 2"),
    ("{share: 0.5, until: 5}", "prune.until: expected at most the run's 4 epochs, found 5"),
    ("{share: 0.5, until: 2, schedule: square}", "prune.schedule"),
    ("{share: 0.5, until: 2, structured: true, scope: global}", "prune.scope: expected slot"),
    ("{share: 0.5, until: 2, slots: [\"7.*\"]}", "prune.slots: \"7.*\" fits no slot of weights that learn"),
    (
      "{share: 0.5, until: 2, slots: [\"5.*\"], structured: true}", "prune.slots: \"5.*\" fits no slot of a layer whose"
    ),
    ("{share: 0.5, until: 2, ever: 3}", "ever"),
  ])
  func settingsThatCannotBe(prune: String, message: String) throws {
    let folder = try Folder()
    let found = failure { try train("two-class", Self.settings + ["prune=\(prune)"], in: folder["run"]) }
    #expect(
      found?.code == .badConfiguration && found?.description.contains(message) == true, "\(String(describing: found))")
    #expect(!FileManager.default.fileExists(atPath: folder["run"]))
  }

  /// A network of one layer has no outputs that may go.
  @Test func whereNothingCanGoItIsTold() throws {
    let folder = try Folder()
    let settings = ["model=[{dense: 2}]", "prune={share: 0.5, until: 2, structured: true}", "epochs=2"]
    let found = failure { try train("two-class", settings, in: folder["run"]) }
    #expect(found?.code == .badConfiguration && found?.description.contains("reads, one by one, found none") == true)
  }

  @Test func noPruningBesideAnAdapter() throws {
    let folder = try Folder()
    let lora = ["lora={rank: 3, targets: [\"0\"]}", "prune={share: 0.5, until: 2}"]
    let found = failure { try train("two-class", Self.settings + lora, in: folder["run"]) }
    #expect(found?.description.contains("prune: expected none beside lora") == true)
  }

  @Test func anotherPruningIsAnotherRun() throws {
    let folder = try Folder()
    let prune = ["prune={share: 0.5, until: 2}"]
    try train("two-class", Self.settings + prune, in: folder["run"])
    for more in [[], ["prune={share: 0.6, until: 2}"]] {
      let found = failure { try train("two-class", Self.settings + more, in: folder["run"], start: .resume) }
      #expect(found?.description.contains("prune") == true, "\(String(describing: found))")
    }
    // It may go on for longer: steps of pruning are of epochs, and not of the run's length.
    try train("two-class", Self.settings + prune + ["epochs=5"], in: folder["run"], start: .resume)
  }
}
