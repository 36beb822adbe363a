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
  private func run() throws -> String {
    let experiments = folder.names("store")
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

  @Test func namesAreFilesOfOneFolder() {
    let names = ["a b": "a b", "../x": ".._x", "..": "_..", "": "_", "ö/é": "___", "test-f1": "test-f1"]
    for (name, key) in names { #expect(MLflowStore.key(name) == key) }
  }

  /// A store that cannot be written to ends the run, and says so.
  @Test func aStoreThatIsNone() throws {
    try folder.write("store", "a file")
    let found = failure { try train("two-class", settings, in: folder["run"]) }
    #expect(found?.code == .inputOutput)
  }
}
