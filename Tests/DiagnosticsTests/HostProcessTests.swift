import Diagnostics
import Foundation
import Testing

@Suite struct HostProcessTests {
  private let own = HostProcess(Int(getpid()))

  @Test func tellsOfThisProcess() throws {
    #expect(own.arguments == CommandLine.arguments)
    for (name, value) in ProcessInfo.processInfo.environment where !value.contains("\0") {
      #expect(own.variables[name] == value)
    }
    let status = try #require(own.status)
    #expect(status.parent == Int(getppid()) && !status.isStopped && !status.hasEnded)
    #expect(own.program != nil && own.program == HostProcess.ownProgram())
    #expect(HostProcess.all().contains(own))
  }

  /// More than a page, of which a read may give the beginning only; a child, since variables are those of the start.
  @Test func variablesOfAnyLength() throws {
    let child = Process()
    child.executableURL = URL(fileURLWithPath: "/bin/sleep")
    child.arguments = ["60"]
    child.environment = Dictionary(uniqueKeysWithValues: (0..<500).map { ("VARIABLE_\($0)", "a value = \($0)") })
    try child.run()
    defer { child.terminate() }
    let process = HostProcess(Int(child.processIdentifier))
    // Until it is the other program, not this one's copy.
    while process.status?.name != "sleep" { usleep(1000) }
    #expect(process.variables == child.environment && process.arguments == ["/bin/sleep", "60"])
    #expect(process.status?.parent == Int(getpid()) && process.program != own.program)
    kill(child.processIdentifier, SIGSTOP)
    while process.status?.isStopped == false { usleep(1000) }
    kill(child.processIdentifier, SIGKILL)
    child.waitUntilExit()
    #expect(process.status == nil && process.arguments == [] && process.variables == [:] && process.program == nil)
  }

  @Test func whereThereIsNone() {
    #expect(HostProcess.all(in: "/nonexistent") == [] && HostProcess(1, in: "/nonexistent").status == nil)
    #expect(HostProcess.ownProgram(in: "/nonexistent") == nil)
  }
}
