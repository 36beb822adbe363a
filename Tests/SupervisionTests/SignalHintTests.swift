import Foundation
import Testing

@testable import Supervision

@Suite struct SignalHintTests {
  /// mpirun's line tells of the signal; ours of what it comes from.
  @Test(arguments: [
    (SIGSEGV, "Segmentation fault", "a fault in Lockstep or a library"), (SIGQUIT, "Quit", "somebody sent it"),
    (SIGILL, "Illegal instruction", "a fault in Lockstep"), (SIGABRT, "Aborted", "a fault in Lockstep or a library"),
    (SIGKILL, "Killed", "memory ran out (dmesg tells)"), (SIGBUS, "Bus error", "/dev/shm is full"),
    (SIGXCPU, "CPU time limit exceeded", "ulimit -t"),
  ])
  func aSignalIsExplained(number: Int32, name: String, words: String) throws {
    var stream = ErrorStream()
    let rule = String(repeating: "-", count: 74)
    for line in [
      rule, "mpirun noticed that process rank 1 with PID 7 on node b exited on signal \(number) (\(name)).", rule,
    ] {
      #expect(stream.take(line) == nil)
    }
    let cause = try #require(stream.cause)
    #expect(cause.description == "rank 1 on b was ended by signal \(number) (\(name))")
    #expect(try #require(cause.hint).contains(words))
  }

  @Test func otherCausesExplainThemselves() {
    #expect(ErrorStream.Cause(description: "rank 1 on b failed").hint == nil)
    #expect(ErrorStream.Cause(description: "rank 1 on b was ended by signal 63 (Real-time signal)").hint == nil)
  }
}
