import Foundation
@testable import TestSupport
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
    // A duration of this process's own: other tests on the machine may be at the same point.
    let sleep = "sleep 987.\(getpid())"
    let late = #expect(throws: TimedOut.self) {
      try run("sh", ["-c", "echo begun; setsid \(sleep) & setsid -w \(sleep)"], deadline: 0.5)
    }
    #expect(late?.output == "begun\n")
    // What hung is named: the shell, the sleep that it waits for, and the one in the background.
    #expect(late?.processes.count { $0.contains(sleep) } == 3, "\(late?.processes ?? [])")
    #expect("\(try #require(late))".contains("s of a quiet machine), killed\nprocesses:\n  "))
    // The dead are gone as soon as the kernel has buried them; until then this waits.
    // Brackets, so that the words of this command itself are none of them.
    let words = "tr '\\0' ' ' | grep -q '[s]\(sleep.dropFirst())'"
    _ = try run("sh", ["-c", "while cat /proc/[0-9]*/cmdline 2>&- | \(words); do sleep 0.05; done"], deadline: 60)
  }

  @Test func aBusyMachineHasMoreTime() {
    #expect(QuietClock.share(of: "0.42 1.20 1.10 5/321 4711", cores: 2) == 0.4)
    #expect(QuietClock.share(of: "0.42 1.20 1.10 1/321 4711", cores: 2) == 2, "which counts as 1")
    #expect(QuietClock.share(of: "", cores: 2) == 2)
    for (share, rate) in [(2.0, 1.0), (0.5, 0.5), (0.01, 0.2)] {
      var clock = QuietClock { share }
      usleep(10_000)
      let quiet = clock.tick()
      #expect(clock.elapsed > 0.009 && abs(quiet - rate * clock.elapsed) < 1e-9)
    }
  }

  @Test func whatCannotBeStartedIsNamed() {
    #expect { try run("no-such-program", [], deadline: 1) } throws: { "\($0)".contains("no-such-program") }
  }
}
