import Foundation
import TestSupport
import Testing

@testable import Supervision

@Suite struct SilenceTests {
  /// What it says at each of some seconds after its start.
  private func answers(_ silence: inout Silence, from start: Date, at seconds: [Double]) -> [Bool] {
    seconds.map { silence.isOver(at: start + $0) }
  }

  @Test func comesWhenNothingChanges() throws {
    let folder = try Folder()
    let start = Date(timeIntervalSinceReferenceDate: 0)
    var silence = Silence(of: folder.path, limit: 30, at: start)
    // It looks once a second, and speaks again after as long.
    let first = answers(&silence, from: start, at: (0...29).map(Double.init) + [29.5, 30, 31, 59, 60])
    #expect(first == Array(repeating: false, count: 31) + [true, false, false, true])

    try folder.write("metrics.jsonl", "{}\n")
    let second = answers(&silence, from: start, at: [89, 90, 118, 119])
    #expect(second == [false, false, false, true], "a file has changed")
  }

  @Test func aDirectoryThatIsNotThereIsSilentToo() {
    let start = Date(timeIntervalSinceReferenceDate: 0)
    var silence = Silence(of: "/nowhere/run", limit: 2, at: start)
    let found = answers(&silence, from: start, at: [0, 1, 2])
    #expect(found == [false, false, true])
  }
}
