import TestSupport
import Testing

extension CommandTests {
  /// A chroot or a sandbox may have no /proc: nothing of it may be needed to train, or change a bit.
  @Suite(.serialized) struct WithoutProcTests {
    /// Runs a program where an empty file system hides /proc; nil where this machine allows none, which is said.
    private func runWithoutProc(_ words: [String], function: String = #function) throws -> Ended? {
      func hidden(_ words: [String]) throws -> Ended {
        let script = "mount -t tmpfs tmpfs /proc && exec \"$@\""
        return withoutCrowding(try run("unshare", ["--mount", "sh", "-c", script, "sh"] + words, deadline: 60))
      }
      let checked = try hidden(["test", "!", "-e", "/proc/self"])
      guard checked.code == 0 else {
        notTested("no /proc", because: "a mount of its own needs the superuser", function: function)
        return nil
      }
      return try hidden(words)
    }

    @Test func argumentsAreKnown() throws {
      let program = try builtProduct("lockstep")
      for arguments in [["--version"], ["kinds", "layer"], ["train", "no-such-recipe"], ["bogus"]] {
        guard let ended = try runWithoutProc([program] + arguments) else { return }
        let expected = try lockstep(arguments)
        #expect(ended.code == expected.code && ended.output == expected.output, "\(arguments)")
        #expect(ended.errors == expected.errors)
      }
    }

    @Test(arguments: [nil, 1, 2])
    func theDigestIsTheSame(ranks: Int?) throws {
      let folder = try Folder()
      let settings = ["two-class", "--set", "epochs=2"]
      let expected = try digest(settings + ["-q", "-o", folder["with"]])
      let command = [try builtProduct("lockstep"), "train"] + settings + ["-o", folder["without"]]
      guard let ended = try runWithoutProc((ranks.map { ["mpirun"] + launch($0) } ?? []) + command) else { return }
      #expect(ended.code == 0 && ended.errors == "", "\(ended.errors)")
      #expect(lines(ended.output).last == "digest \(expected)")
    }

    /// It starts the ranks by the path of its own program.
    @Test func launchFindsItsProgram() throws {
      let folder = try Folder()
      let command = [
        try builtProduct("lockstep"), "launch", "-n", "2", "--", "train", "two-class", "-q", "-o", folder["run"],
      ]
      guard let ended = try runWithoutProc(command) else { return }
      #expect(ended.code == 0, "\(ended.errors)")
      #expect(lines(ended.output).last?.hasPrefix("digest ") == true)
    }

    /// Nobody could be killed, and the bits would be the same for that.
    @Test func verifyDoesNotClaimToHaveKilled() throws {
      let command = [try builtProduct("lockstep"), "verify", "two-class", "--kill"]
      guard let ended = try runWithoutProc(command) else { return }
      expectComplaint(69, "/proc: expected the processes of this host, to kill one, found none", ended)
    }
  }
}
