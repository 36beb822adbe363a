import Foundation
import TestSupport
import Testing

extension CommandTests {
  /// Tables that are not as they should be, as a user meets them: one line, the documented code, nothing half-written.
  @Suite(.serialized) struct BadTableTests {
    let folder: Folder

    init() throws { folder = try Folder() }

    /// The ranks that compute again say what is wrong, and what mpirun has to say about it is left out.
    @Test func aReceiptWhoseTableIsGone() throws {
      let rows = (0..<60).map { "\($0 % 13),\($0 % 2 == 0 ? "north" : "south")\n" }.joined()
      let table = try folder.write("a.csv", "speed,side\n" + rows)
      let drafted = try lockstep(["init", table, "--target", "side", "--output", folder["run.yaml"]])
      #expect(drafted.code == 0, "\(drafted.errors)")
      let settings = ["--set", "epochs=1", "--set", "data.table.keep-under=\(folder["prepared"])"]
      _ = try digest([folder["run.yaml"], "-q", "-o", folder["run"]] + settings)
      try folder.write("a.csv", "Speed,side\n" + rows)
      let ended = try lockstep(["verify", folder["run"], "--from", "raw"], deadline: 60)
      expectComplaint(65, "a.csv: expected a column 'speed', found 'Speed', 'side'; did you mean 'Speed'?", ended)
      #expect(lines(ended.errors).count == 1, "\(ended.errors)")
      #expect(!folder.names("prepared").contains { $0.hasSuffix(".lock") || $0.hasSuffix(".partial") })
    }
  }
}
