import Diagnostics
import Foundation
import Host
import Testing

@Suite struct HostProcessTests {
  private let own = HostProcess(Int(getpid()))

  @Test func tellsOfThisProcess() throws {
    #expect(own.arguments == CommandLine.arguments)
    let status = try #require(own.status)
    #expect(status.parent == Int(getppid()) && !status.isStopped && !status.hasEnded)
    #expect(own.program != nil && own.program == HostProcess.ownProgram())
    #expect(HostProcess.all().contains(own))
  }

  /// More than a page, of which a read may give the beginning only; a child, since variables are those of the start.
  @Test func variablesOfAnyLength() throws {
    let child = Process()
    child.executableURL = URL(fileURLWithPath: "/bin/sh")
    child.arguments = ["-c", "read line", "", "0"]
    child.standardInput = Pipe()
    child.environment = Dictionary(uniqueKeysWithValues: (0..<500).map { ("VARIABLE_\($0)", "a value = \($0)") })
    try child.run()
    defer { child.terminate() }
    let process = HostProcess(Int(child.processIdentifier))
    // Until it is the other program, not this one's copy.
    try wait { process.arguments.first == "/bin/sh" }
    #expect(process.variables == child.environment && process.arguments == ["/bin/sh"] + child.arguments!)
    #expect(process.status?.parent == Int(getpid()) && process.program != own.program)
    kill(child.processIdentifier, SIGSTOP)
    try wait { process.status?.isStopped == true }
    kill(child.processIdentifier, SIGKILL)
    child.waitUntilExit()
    #expect(process.status == nil && process.arguments == [] && process.variables == [:] && process.program == nil)
  }

  private func wait(until isSo: () -> Bool) throws {
    let end = Deadline(seconds: 60)
    while !isSo() {
      try #require(!end.isOver)
      usleep(1000)
    }
  }

  @Test func whereThereIsNone() {
    #expect(HostProcess.all(in: "/nonexistent") == [] && HostProcess(1, in: "/nonexistent").status == nil)
    #expect(HostProcess.ownProgram(in: "/nonexistent") == nil)
  }
}
