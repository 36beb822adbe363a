import Foundation
import TestSupport
import Testing

@testable import Supervision

@Suite struct DirectoryChangesTests {
  @Test func aFileThatChangesIsSeenWithinASecond() throws {
    let folder = try Folder()
    let start = ContinuousClock.now
    var changes = DirectoryChanges(of: folder.path)
    changes.look(at: start)
    let first = changes.count
    let file = try folder.write("metrics.jsonl", "{}\n")
    // Times may be coarse, and one in the future must not hide those after it.
    func touch(_ date: Date) throws {
      try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: file)
    }
    try touch(Date(timeIntervalSinceNow: 1e6))
    changes.look(at: start + .milliseconds(900))
    #expect(changes.count == first, "it looks once a second")
    changes.look(at: start + .seconds(1))
    #expect(changes.count == first + 1)
    changes.look(at: start + .seconds(2))
    #expect(changes.count == first + 1, "nothing has changed")
    try touch(Date(timeIntervalSinceNow: -1e6))
    changes.look(at: start + .seconds(3))
    #expect(changes.count == first + 2)
  }

  @Test func aDirectoryThatIsNotThereDoesNotChange() {
    let start = ContinuousClock.now
    var changes = DirectoryChanges(of: "/nowhere/run")
    for second in 0..<3 { changes.look(at: start + .seconds(second)) }
    #expect(changes.count == 0)
  }
}
