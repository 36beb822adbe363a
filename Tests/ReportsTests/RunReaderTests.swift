import Diagnostics
import Foundation
import Lockstep
import TestSupport
import Testing

import Reports

/// What a real run tells, and one from which something was taken away.
@Suite struct RunReaderTests {
  private let folder: Folder

  init() throws { folder = try Folder() }

  private func train(_ name: String, _ settings: [String] = []) throws {
    let run = try TrainingRun(
      recipe: "two-class", overrides: ["epochs=2", "data.two-class.train=256", "data.two-class.test=128"] + settings,
      output: folder[name], verbosity: .silent, world: LocalWorld.single())
    _ = try run.train()
  }

  private func page(_ names: String...) throws -> String { try Report(runs: names.map { folder[$0] }).html }

  @Test func aWholeRun() throws {
    try train("a")
    let html = try page("a")
    #expect(faultOf(page: html) == nil)
    #expect(try html == page("a"))
    for text in [
      "128 test samples", "verify", "--from raw", "Confusion", "always ‘", "sha256:", "finished, 2 epochs", "rank)",
      "never seen",
    ] {
      #expect(html.contains(text), "\(text)")
    }
    // Its figures are those that the run measured.
    let facts = try RunReader.facts(of: folder["a"])
    let accuracy = try #require(facts.best?[score: "accuracy"]?.figure.value)
    #expect(facts.record?.metrics["test accuracy"] == accuracy)
    #expect(facts.best.map { Double($0.classes!.counts.correct) / 128 } == accuracy)
  }

  @Test func runsSideBySide() throws {
    try train("a")
    try train("b", ["optimizer.adam.learning-rate=0.02"])
    try train("c", ["data.two-class.train=128"])
    let html = try page("a", "b")
    #expect(faultOf(page: html) == nil && html.contains("optimizer.adam.learning-rate") && html.contains("0.02"))
    #expect(!html.contains("not of the same data"))
    #expect(try page("a", "c").contains("not of the same data"))
  }

  /// A rate of learning that is too large to improve for long: the page is of the weights of the best epoch.
  @Test func aRunThatEndedEarly() throws {
    try train(
      "a",
      [
        "epochs=60", "optimizer.adam.learning-rate=0.1", "early-stopping.metric=loss", "early-stopping.patience=3",
        "keep-checkpoints=1",
      ])
    let facts = try RunReader.facts(of: folder["a"])
    let watched = try #require(facts.watched)
    try #require(watched.measured - watched.best == 3 && facts.doneEpochs < 60, "it is to end early: \(watched)")
    #expect(facts.record?.epoch == watched.best && facts.doneEpochs == watched.measured)
    #expect(facts.isFinished && facts.isEndedEarly)
    #expect(facts.stateText == "ended early after epoch \(watched.measured), best \(watched.best)")
    // The weights of the receipt, and what was measured of them.
    #expect(facts.receipt?.links.first { $0.name == "weights" }?.output == facts.record?.digest)
    let accuracy = try #require(facts.best?[score: "accuracy"]?.figure.value)
    #expect(accuracy == facts.record?.metrics["test accuracy"])
    let html = try page("a")
    #expect(html.contains(facts.stateText) && !html.contains("not finished"))
    // It has no validation rows.
    #expect(html.contains("which also chose the best epoch") && !html.contains("never seen"))
  }

  @Test func runsThatLackSomething() throws {
    try train("a")
    let files = FileManager.default
    let checkpoints = try files.contentsOfDirectory(atPath: folder["a"]).filter { $0.hasPrefix("step-") }.sorted()
    try files.removeItem(atPath: folder["a/receipt.json"])
    try files.removeItem(atPath: folder["a/times.json"])
    #expect(try page("a").contains("not finished"))
    try folder.write("a/metrics.jsonl", "{\"step\": 1, \"epo")
    #expect(try page("a").contains("passed over 1 line"))
    try folder.write("a/\(checkpoints.last!)/model.safetensors", "x")
    #expect(try page("a").contains("passed over a damaged checkpoint"))
    for name in checkpoints { try folder.write("a/\(name)/run.json", "{}") }
    #expect(try page("a").contains("no whole checkpoint"))
    try folder.write("a/config.yaml", "epochs: [")
    let html = try page("a")
    #expect(faultOf(page: html) == nil && html.contains("config.yaml"))
    try folder.write(
      "a/receipt.json",
      "{\"format\": 2, \"links\": [{\"name\": \"raw\", \"settings\": \"\", \"output\": \"x\", \"digest\": \"y\"}]}")
    #expect(try page("a").contains("the file was edited"))
  }

  /// Training deletes checkpoints while somebody reads them.
  @Test func aCheckpointThatGoes() throws {
    try train("a", ["epochs=5", "keep-checkpoints=5"])
    var gone: [String] = []
    func delete(_ path: String, most: Int) throws {
      guard gone.count < most else { return }
      gone.append(path)
      try files.removeItem(atPath: path)
    }
    let facts = try RunReader.facts(of: folder["a"]) { try delete($0, most: 2) }
    #expect(gone.count == 2 && facts.unmeasured == nil && facts.notes.isEmpty && !facts.measured.isEmpty)
    #expect(facts.record?.epoch == 3)
    // Where it goes again and again, the page says so.
    gone = []
    let other = try RunReader.facts(of: folder["a"]) { try delete($0, most: 9) }
    #expect(gone.count == 3 && other.unmeasured != nil && other.measured.isEmpty)
    #expect(try faultOf(page: Report([other]).html) == nil)
  }

  @Test func whatIsNoRunIsRefused() throws {
    try files.createDirectory(atPath: folder["empty"], withIntermediateDirectories: true)
    try train("a")
    let checkpoint = try #require(try files.contentsOfDirectory(atPath: folder["a"]).first { $0.hasPrefix("step-") })
    try folder.write("file", "x")
    for (name, found) in [
      ("none", "found none"), ("empty", "without config.yaml"), ("file", "found a file"),
      ("a/\(checkpoint)", "found a checkpoint"),
    ] {
      #expect(performing: { try RunReader.facts(of: folder[name]) }, throws: { "\($0)".contains(found) })
    }
  }

  private var files: FileManager { .default }
}
