import Diagnostics
import Dispatch
import Foundation
import TestSupport
import Testing

@testable import Supervision

@Suite struct RunDirectoryTests {
  let folder: Folder

  init() throws { folder = try Folder() }

  private func directory(isCalledOff: Bool = false) -> RunDirectory {
    RunDirectory(path: folder.path) { isCalledOff }
  }

  @Test func answersAreHandedOn() throws {
    try FileManager.default.createDirectory(atPath: folder["step-00000008"], withIntermediateDirectories: true)
    #expect(try directory().newestStep == nil, "it is not whole")
    #expect(try directory(isCalledOff: true).newestName == 8, "a stop asks for it")
    #expect(directory().hasCheckpoint(ofStep: 8))
    #expect(try directory().answer(within: 60) { 7 } == 7)
    let failure = Failure(.badData, at: "a file", "is damaged")
    #expect(throws: failure) { try directory().answer(within: 60) { throw failure } }
  }

  /// As a read does from a server that is gone.
  @Test func whatHangsIsNotWaitedFor() throws {
    let gate = DispatchSemaphore(value: 0)
    defer { for _ in 0..<2 { gate.signal() } }
    func code(within seconds: Double, isCalledOff: Bool) -> ExitCode? {
      do {
        try directory().answer(within: seconds, { isCalledOff }) { gate.wait() }
        return nil
      } catch {
        return (error as? Failure)?.code
      }
    }
    #expect(code(within: 0.2, isCalledOff: false) == .inputOutput)
    #expect(code(within: 30, isCalledOff: true) == .stopped)
  }
}
