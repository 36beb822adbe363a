import Foundation
import TestSupport
import Testing

@Suite struct RunTests {
  @Test func capturesOutputErrorsAndCode() throws {
    let ended = try run(
      "sh", ["-c", "echo out $WORD; echo err >&2; pwd; exit 7"], environment: ["WORD": "x"], directory: "/",
      deadline: 20)
    #expect(ended.code == 7)
    #expect(ended.output == "out x\n/\n")
    #expect(ended.errors == "err\n")
  }

  @Test func aSignalIsACode() throws {
    #expect(try run("sh", ["-c", "kill -9 $$"], deadline: 20).code == 137)
  }

  /// Far more than a pipe holds, on both streams.
  @Test func largeOutputDoesNotBlock() throws {
    let ended = try run("sh", ["-c", "yes | head -c 3000000; yes | head -c 3000000 >&2"], deadline: 20)
    #expect(ended.output.utf8.count == 3_000_000)
    #expect(ended.errors.utf8.count == 3_000_000)
  }

  /// The grandchild leaves the process group, as the ranks of mpirun do.
  @Test func theDeadlineKillsAllDescendants() throws {
    let begin = Date()
    // A duration of this process's own: other tests on the machine may be at the same point.
    let sleep = "sleep 987.\(getpid())"
    let late = #expect(throws: TimedOut.self) {
      try run("sh", ["-c", "echo begun; setsid \(sleep) & setsid -w \(sleep)"], deadline: 0.5)
    }
    #expect(late?.output == "begun\n")
    #expect(Date().timeIntervalSince(begin) < 10)
    let left = try run("sh", ["-c", "sleep 0.2; cat /proc/[0-9]*/cmdline | tr '\\0' ' '"], deadline: 20)
    #expect(!left.output.contains(sleep))
  }

  @Test func whatCannotBeStartedIsNamed() {
    #expect { try run("no-such-program", [], deadline: 1) } throws: { "\($0)".contains("no-such-program") }
  }
}
