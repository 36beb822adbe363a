import Foundation
import TestSupport
import Testing

extension CommandTests {
  /// A process that gets no more memory says so in one line and ends with 69, wherever it was.
  @Suite(.serialized) struct MemoryTests {
    let folder: Folder

    init() throws { folder = try Folder() }

    /// Runs the command with so many megabytes of addresses.
    private func limited(_ megabytes: Int, _ arguments: [String]) throws -> Ended {
      let script = "ulimit -v \(megabytes * 1024); exec \"$0\" \"$@\""
      return withoutCrowding(try run("sh", ["-c", script, try builtProduct("lockstep")] + arguments, deadline: 120))
    }

    /// Sizes from below what the program needs to above it. Below some size the system cannot even load it (127).
    private func expectALine(_ ended: Ended, _ megabytes: Int, _ command: String) {
      let all = Comment(rawValue: "\(command), \(megabytes) MB: \(ended.code) \(ended.output)\(ended.errors)")
      for trace in ["Fatal error", "crashed", "Backtrac", "signal", "Stack dump", "Thread 0"] {
        #expect(!ended.errors.contains(trace), all)
      }
      guard ended.code != 0, ended.code != 127 else { return }
      #expect(ended.code == 69, all)
      #expect(complaints(ended).count == 1, all)
      #expect(complaints(ended).first?.contains("memory") == true, all)
    }

    @Test func everyCommandSaysThatMemoryIsGone() throws {
      let large = [
        "two-class", "-q", "--set", "model=[{dense: 2000}, relu, {dense: 2000}, relu, {dense: 2}]", "--set", "epochs=1",
        "--set", "lanes=2", "--set", "data.two-class.train=256",
      ]
      let made = try lockstep(["train"] + large + ["-o", folder["made"]])
      #expect(made.code == 0, "\(made.errors)")
      let rows = (0..<2000).map { "\($0 % 17),\($0 % 13)\n" }.joined()
      try folder.write("rows.csv", "x,y\n" + rows)
      var refused = 0
      for (number, megabytes) in [400, 450, 500, 550, 600, 700, 800].enumerated() {
        for command in [
          ["train"] + large + ["-o", folder["run-\(number)"]], ["evaluate", folder["made"]],
          ["inspect", folder["made"]],
          ["predict", folder["made"], "-i", folder["rows.csv"], "-o", folder["out.csv"]],
        ] {
          let ended = try limited(megabytes, command)
          expectALine(ended, megabytes, command[0])
          if ended.code == 69 { refused += 1 }
        }
      }
      #expect(refused > 0, "the sizes are no longer those where memory runs out")
    }

    /// A thread that cannot be started is a line as well: whoever waits for its work would wait for ever.
    @Test func noRoomForAThreadIsALineToo() throws {
      let made = try lockstep(["train", "two-class", "-q", "--set", "epochs=1", "-o", folder["free"]])
      #expect(made.code == 0, "\(made.errors)")
      var threads = 0
      for megabytes in stride(from: 480, through: 760, by: 20) {
        let settings = ["--set", "epochs=1", "--set", "lanes=9", "-o", folder["\(megabytes)"]]
        let ended = try limited(megabytes, ["train", "two-class", "-q"] + settings)
        expectALine(ended, megabytes, "train with nine lanes")
        if complaints(ended).contains(where: { $0.contains("one more thread (") }) { threads += 1 }
      }
      #expect(threads > 0, "the sizes are no longer those where threads find no room")
    }

    /// What settings ask for is compared with the limit before anything is made.
    @Test func aLimitThatIsTooLowForTheModelIsToldInAdvance() throws {
      let ended = try limited(
        2000,
        ["train", "two-class", "-o", folder["run"], "--set", "model=[{dense: 20000}, {dense: 20000}, {dense: 2}]"])
      expectComplaint(69, "GB of memory for a rank, found a limit of 2.097 GB (ulimit -v); lift the limit", ended)
      #expect(!folder.exists("run"))
    }
  }
}
