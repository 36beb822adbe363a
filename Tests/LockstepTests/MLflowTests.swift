import Communication
import Diagnostics
import Foundation
import TestSupport
import Testing

@testable import Lockstep

/// `observers: [mlflow: …]`: a run in MLflow's file store. `scripts/check-mlflow` has the real MLflow read one.
@Suite struct MLflowTests {
  private let folder: Folder

  init() throws { folder = try Folder() }

  private var settings: [String] {
    [
      "data.two-class.train=256", "batch=64", "epochs=3", "metrics=[accuracy]",
      "observers=[{mlflow: {store: \(folder["store"]), experiment: \"it's mine\", every: 2}}]",
    ]
  }

  /// The folder of the only run.
  private func run(but other: String = "") throws -> String {
    let experiments = folder.names("store").filter { $0 != other }
    let runs = folder.names("store/\(experiments[0])").filter { $0 != "meta.yaml" }
    #expect(experiments.count == 1 && runs.count == 1)
    return "store/\(experiments[0])/\(runs[0])"
  }

  /// Value and step of each line of a metric.
  private func metric(_ name: String) throws -> [String] {
    let all = lines(try folder.text("\(try run())/metrics/\(name)"))
    return all.map { $0.split(separator: " ").suffix(2).joined(separator: " ") }
  }

  @Test func aRunHasItsFiles() throws {
    try train("two-class", settings, in: folder["run"], ranks: 2)
    let run = try run()
    #expect(folder.names(run).sorted() == ["artifacts", "meta.yaml", "metrics", "params", "tags"])
    #expect(try folder.text("\(run)/meta.yaml").contains("\nstatus: 3\n"))
    #expect(try folder.text("\(run)/params/epochs") == "3" && folder.text("\(run)/params/ranks") == "2")
    #expect(try folder.text("\(run)/artifacts/receipt.json") == folder.text("run/receipt.json"))
    #expect(try metric("loss").map { $0.split(separator: " ")[1] } == ["2", "4", "6", "8", "10", "12"])
    #expect(try metric("test-accuracy").count == 3)
    #expect(try folder.text("store/\(folder.names("store")[0])/meta.yaml").contains("name: 'it''s mine'\n"))
  }

  /// Lines behind the step that is resumed from go, a half one too, and come again.
  @Test func resumedRunsHaveWhatWholeOnesHave() throws {
    try train("two-class", settings, in: folder["run"])
    let whole = try ["loss", "training-loss", "test-accuracy"].map(metric)
    for name in folder.names("run") where name.hasPrefix("step-") && name > "step-00000004" {
      try folder.remove("run/\(name)")
    }
    let path = "\(try run())/metrics/loss"
    try folder.write(path, try folder.text(path) + "1795")
    try train("two-class", settings, in: folder["run"], ranks: 3, start: .resume)
    #expect(try ["loss", "training-loss", "test-accuracy"].map(metric) == whole)
  }

  /// Settings in blocks too, under the names that `--set` has for them.
  @Test func allSettingsAreParameters() throws {
    try train("two-class", settings, in: folder["run"])
    let (run, settings) = (try run(), try RunConfiguration(recipeOrFile: "two-class", overrides: settings).settings)
    #expect(settings.contains { $0.path.split(separator: ".").count > 2 })
    // What was settled on stands in the place of what was asked for.
    for setting in settings where setting.path != "instruction-set" {
      #expect(try folder.text("\(run)/params/\(setting.path)") == setting.text, "\(setting)")
    }
  }

  @Test func longValuesAreCutAndNamesStandOnce() {
    let long = String(repeating: "ä", count: 6001)
    let made = MLflowParameters([("a", long), ("b", String(long.dropLast())), ("ö", "1\u{2028}2\n"), ("é", "")])
    #expect(made.values.map(\.key) == ["a", "b", "_", "_-2"] && made.cut == ["a"])
    #expect(made.values[0].value == long.prefix(5999) + "…" && made.values[1].value == long.dropLast())
    #expect(made.values[2].value == "1 2 ")
    let names = MLflowParameters((0..<3).map { (String(repeating: "x", count: 300) + "\($0)", "") }).values.map(\.key)
    #expect(Set(names).count == 3 && names.allSatisfy { $0.count <= MLflowStore.longestKey })
  }

  /// Does something when a step is done.
  private final class AtStep: RunObserver {
    let step: Int
    let action: () throws -> Void

    init(_ step: Int, _ action: @escaping () throws -> Void) { (self.step, self.action) = (step, action) }

    func observe(_ event: RunEvent) throws {
      if case .step(let report) = event, report.step.number + 1 == step { try action() }
    }
  }

  private func trainDoing(at step: Int, _ action: @escaping () throws -> Void) throws
    -> String
  {
    let run = try TrainingRun(
      recipe: "two-class", overrides: settings, output: folder["run"], verbosity: .silent,
      observers: [AtStep(step, action)], world: LocalWorld.single(), environment: [:])
    #expect(try run.train() == 0)
    return "\(run.digest)"
  }

  /// A run that fails says so in the store, and goes on under the same id.
  @Test func aRunThatFails() throws {
    let failure = failure {
      _ = try trainDoing(at: 6) { throw Failure(.inputOutput, at: "disk", "has burnt down") }
    }
    #expect(failure?.description == "disk: has burnt down")
    let (run, tag) = (try run(), "\(try run())/tags/failure")
    #expect(try folder.text("\(run)/meta.yaml").contains("\nstatus: 4\n"))
    #expect(try folder.text(tag) == "disk: has burnt down")
    try train("two-class", settings, in: folder["run"], start: .resume)
    #expect(try self.run() == run && folder.text("\(run)/meta.yaml").contains("\nstatus: 3\n"))
    #expect(!folder.names("\(run)/tags").contains("failure"))
    #expect(try metric("loss").map { $0.split(separator: " ")[1] } == ["2", "4", "6", "8", "10", "12"])
  }

  /// A store that goes during the run ends the tracking, and leaves the run alone.
  @Test func aStoreThatGoes() throws {
    let expected = try train("two-class", settings, in: folder["whole"])
    try folder.remove("store")
    #expect(try trainDoing(at: 5) { try folder.remove("store") } == expected)
    #expect(!folder.names().contains("store") && folder.names("run").contains("receipt.json"))
  }

  /// So does one whose disk is full.
  @Test func aStoreThatIsFull() throws {
    let expected = try train("two-class", settings, in: folder["whole"])
    try folder.remove("store")
    try folder.withFileSystem(options: "size=1m") { mount in
      try FileManager.default.createSymbolicLink(atPath: folder["store"], withDestinationPath: mount)
      let digest = try trainDoing(at: 5) {
        // As much as there is room for.
        let file = fopen("\(mount)/much", "w")!
        while fwrite([UInt8](repeating: 1, count: 4096), 1, 4096, file) == 4096, fflush(file) == 0 {}
        fclose(file)
      }
      #expect(digest == expected)
      #expect(try folder.text("\(try run(but: "much"))/meta.yaml").contains("\nstatus: 1\n"))
    }
  }

  @Test func namesAreFilesOfOneFolder() {
    let names = ["a b": "a b", "../x": ".._x", "..": "_..", "": "_", "ö/é": "___", "test-f1": "test-f1"]
    for (name, key) in names { #expect(MLflowStore.key(name) == key) }
  }

  /// A store that cannot be written to ends the run, and says so.
  @Test func aStoreThatIsNone() throws {
    try folder.write("store", "a file")
    let found = failure { try train("two-class", settings, in: folder["run"]) }
    #expect(found?.code == .inputOutput)
    #expect(found?.description.hasSuffix("; name another store, or leave the observer out") == true, "\(found as Any)")
  }
}
