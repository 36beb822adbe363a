import Foundation
import TestSupport
import Testing

@testable import Lockstep

/// `observers: [epoch-table]`: `epochs.csv`, a row an epoch.
@Suite struct EpochTableTests {
  private let folder: Folder

  init() throws { folder = try Folder() }

  private static let settings = [
    "data.two-class.train=256", "batch=64", "epochs=3", "observers=[epoch-table]", "metrics=[accuracy]",
  ]

  private func rows(_ run: String) throws -> [String] { lines(try folder.text("\(run)/epochs.csv")) }

  @Test func aRowAnEpoch() throws {
    try train("two-class", Self.settings + ["evaluate-every=2"], in: folder["run"], ranks: 2)
    let rows = try rows("run").map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
    #expect(rows[0] == ["epoch", "step", "training-loss", "test-loss", "test-accuracy"])
    #expect(rows.dropFirst().map { $0.prefix(2) } == [["1", "4"], ["2", "8"], ["3", "12"]])
    // The first is not evaluated, as every second is, and the last.
    #expect(rows[1].suffix(2) == ["", ""] && rows.allSatisfy { $0.count == 5 })
    let scores = try metrics(of: folder["run"])
    #expect(Double(rows[3][3]) == scores["test loss"] && Double(rows[3][4]) == scores["test accuracy"])
    for (row, line) in zip(rows.dropFirst(), try untimedMetrics(folder, "run").filter { $0.contains("training-loss") })
    {
      #expect(line.contains("\"training-loss\": \(row[2])"), "\(line)")
    }
  }

  /// Rows behind the step that is resumed from go, and come again; other scores have columns of their own.
  @Test func resumedRunsHaveWhatWholeOnesHave() throws {
    try train("two-class", Self.settings, in: folder["run"])
    let whole = try rows("run")
    for name in folder.names("run") where name.hasPrefix("step-") && name > "step-00000004" {
      try folder.remove("run/\(name)")
    }
    try folder.write("run/epochs.csv", whole.joined(separator: "\n") + "\n3,1")
    try train("two-class", Self.settings, in: folder["run"], ranks: 3, start: .resume)
    #expect(try rows("run") == whole)
    // The list is no part of what the run is.
    try train("two-class", Self.settings + ["epochs=4", "observers=[]"], in: folder["run"], start: .resume)
    #expect(try rows("run") == whole)
    try folder.remove("run/step-00000016")

    for name in folder.names("run") where name.hasPrefix("step-") && name > "step-00000008" {
      try folder.remove("run/\(name)")
    }
    try train("two-class", Self.settings + ["metrics=[f1, accuracy]"], in: folder["run"], start: .resume)
    let more = try rows("run")
    #expect(more.count == 4 && more[0] == whole[0] + ",test-f1" && more[1] == whole[1] + ",")
    #expect(more[3].hasPrefix(whole[3] + ",0.") || more[3].hasPrefix(whole[3] + ",1."))
  }

  /// A name of somebody's column may hold commas and quotes; it is read again as it was written.
  @Test func namesAreQuoted() throws {
    let rows = (0..<64).map { "\($0),\($0 % 7),\($0 % 5)\n" }
    try folder.write("data.csv", "x,\"y, \"\"1\"\"\",z\n" + rows.joined())
    let recipe = try folder.write(
      "run.yaml",
      """
      data: {csv: {train: data.csv, test: data.csv, target: ['y, "1"', z], kind: values}}
      model: [{dense: 2}]
      loss: mean-squared-error
      observers: [epoch-table]
      batch: 32
      epochs: 2

      """)
    try train(recipe, in: folder["run"])
    let whole = try self.rows("run")
    #expect(whole[0].contains(",\"test-r-squared/y, \"\"1\"\"\"") && whole.count == 3, "\(whole[0])")
    try folder.remove("run/step-00000004")
    try train(recipe, in: folder["run"], start: .resume)
    #expect(try self.rows("run") == whole)
  }

  /// What somebody else wrote is left as it is, and no rank waits.
  @Test func anotherTableIsNotOverwritten() throws {
    try FileManager.default.createDirectory(atPath: folder["run"], withIntermediateDirectories: true)
    try folder.write("run/epochs.csv", "a,b\n1,2\n")
    expectFailure(.usage, "/epochs.csv: expected none, or that of a run, found another one, which would be overwritten")
    {
      try train("two-class", Self.settings, in: folder["run"], ranks: 2)
    }
    #expect(try folder.text("run/epochs.csv") == "a,b\n1,2\n")
    #expect(!folder.exists("run/config.yaml") && !folder.exists("run/metrics.jsonl"))
  }

  /// What a full disk leaves, say, is nobody's table.
  @Test func anEmptyFileIsNoTable() throws {
    try FileManager.default.createDirectory(atPath: folder["run"], withIntermediateDirectories: true)
    try folder.write("run/epochs.csv", "")
    try train("two-class", Self.settings, in: folder["run"])
    #expect(try folder.text("run/epochs.csv").hasPrefix("epoch,step,training-loss,"))
  }
}
