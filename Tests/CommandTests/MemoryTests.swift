import Foundation
import TestSupport
import Testing

extension TrainingCommandTests {
  /// A process that gets no more memory says so in one line and ends with 69, wherever it was.
  @Suite(.serialized) struct MemoryTests {
    let folder: Folder

    init() throws { folder = try Folder() }

    /// Runs the command with so many megabytes of addresses.
    private func limited(_ megabytes: Int, _ arguments: [String], ranks: Int? = nil) throws -> Ended {
      let script = "ulimit -v \(megabytes * 1024); exec \"$0\" \"$@\""
      let words = ["sh", "-c", script, try builtProduct("lockstep")] + arguments
      let (program, rest) = ranks.map { ("mpirun", launch($0) + words) } ?? ("sh", Array(words.dropFirst()))
      return withoutCrowding(try run(program, rest, deadline: 120))
    }

    /// Sizes from below what the program needs to above it. Below some size the system cannot even load it (127).
    private func expectALine(_ ended: Ended, _ megabytes: Int, _ command: String, ranks: Int = 1) {
      let all = Comment(rawValue: "\(command), \(megabytes) MB: \(ended.code) \(ended.output)\(ended.errors)")
      for trace in ["Fatal error", "crashed", "Backtrac", "signal", "Stack dump", "Thread 0"] {
        #expect(!ended.errors.contains(trace), all)
      }
      guard ended.code != 0, ended.code != 127 else { return }
      // A little above that size Open MPI's own start finds no memory, says so in its words, and never comes back.
      if ended.errors.contains("PMIX ERROR"), complaints(ended).isEmpty { return }
      #expect(ended.code == 69, all)
      // Each rank has a line; some are short of memory in Open MPI, which knows no other words for it:
      // "MPI_Win_allocate_shared: MPI_ERR_OTHER: known error not in list (MPI code 16)".
      let words = #/MPI_\w+(, rank \d+)?: MPI_ERR_(OTHER|NO_MEM|INTERN): .*/#
      #expect(1...ranks ~= complaints(ended).count, all)
      for line in complaints(ended) {
        #expect(line.contains("memory") || ranks > 1 && line.wholeMatch(of: words) != nil, all)
      }
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

    @Test func ranksSayThatMemoryIsGone() throws {
      let large = [
        "two-class", "-q", "--set", "model=[{dense: 4000}, relu, {dense: 4000}, relu, {dense: 2}]", "--set", "epochs=1",
        "--set", "data.two-class.train=256", "--set", "optimizer={sgd: 0.1}",
      ]
      try digest(large + ["-o", folder["made"]])
      for command in [
        ["train"] + large + ["-o", folder["run"]], ["evaluate", folder["made"]], ["audit", folder["made"]],
      ] {
        var refused = 0
        for megabytes in [380, 420, 460, 500, 600] where refused < 2 {
          let ended = try limited(megabytes, command, ranks: 2)
          expectALine(ended, megabytes, "two ranks of \(command[0])", ranks: 2)
          if ended.code == 69 { refused += 1 }
          try? folder.remove("run")
        }
        #expect(refused > 0, "\(command[0]): the sizes are no longer those where memory runs out")
      }
    }

    @Test func aTextThatFindsNoMemory() throws {
      try folder.write("text", String(repeating: "abc abd.\n", count: 40))
      try folder.write(
        "run.yaml",
        """
        data: {text: {file: text, length: 8}}
        standardise: none
        model: [{embedding: {vocabulary: 7, width: 4000}}, {dense: 8000}, {dense: 7}]
        epochs: 1
        batch: 64

        """)
      try digest([folder["run.yaml"], "-q", "-o", folder["run"]])
      var refused = 0
      for megabytes in stride(from: 200, through: 400, by: 25) {
        let ended = try limited(megabytes, ["generate", folder["run"], "--prompt", "abc", "--length", "3"])
        expectALine(ended, megabytes, "generate")
        if ended.code == 69 { refused += 1 }
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
      expectComplaint(69, "GB of memory for a rank, found a limit of 2.1 GB (ulimit -v); lift the limit", ended)
      #expect(!folder.exists("run"))
    }
  }
}
