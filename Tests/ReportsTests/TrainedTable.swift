import Lockstep
import TestSupport

extension Folder {
  /// Trains on a table of our own, on one rank, into `run`.
  ///
  /// - Parameters:
  ///   - table: CSV with a head.
  ///   - data: what is told of it besides its source, as lines of YAML below `table`.
  ///   - settings: the other settings, as YAML.
  func train(on table: String, _ data: String, _ settings: String) throws {
    try write("t.csv", table)
    let lines = ["source: {csv: {files: t.csv}}"] + data.split(separator: "\n").map(String.init)
    let yaml =
      "data:\n  table:\n" + lines.map { "    \($0)\n" }.joined() + settings + "\nbatch: 32\nmicro-batch: 32\n"
    let file = try write("t.yaml", yaml)
    let run = try TrainingRun(recipe: file, output: self["run"], verbosity: .silent, world: LocalWorld.single())
    _ = try run.train()
  }
}
