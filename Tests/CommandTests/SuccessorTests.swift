import Foundation
import TestSupport
import Testing

extension DisturbedCommandTests {
  /// A run whose directory is removed, and in whose place another one is, stops and leaves that one alone.
  @Suite(.serialized) struct SuccessorTests {
    @Test(arguments: [1, 2])
    func aRunLeavesItsSuccessorAlone(ranks: Int) throws {
      let folder = try Folder()
      try digest(["two-class", "-q", "-o", folder["other"], "--set", "epochs=1"])
      func files(_ run: String) throws -> [String: Data?] {
        let paths = try FileManager.default.subpathsOfDirectory(atPath: folder[run])
        return Dictionary(
          uniqueKeysWithValues: paths.map { ($0, FileManager.default.contents(atPath: folder["\(run)/\($0)"])) })
      }
      let before = try files("other")
      let job = Job(LongRun.recipe, ranks: ranks, output: folder["run"])
      try job.waitForSteps()
      // To remove a directory while a run writes there takes several attempts; it is out of its path at once.
      try FileManager.default.moveItem(atPath: folder["run"], toPath: folder["removed"])
      try FileManager.default.moveItem(atPath: folder["other"], toPath: folder["run"])
      expectComplaint(66, "\(folder["run"]): the run directory was removed", try job.wait())
      #expect(try files("run") == before)
    }
  }
}
