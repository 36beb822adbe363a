import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Supervision

@Suite struct DirectoryChangesTests {
  @Test func aFileThatChangesIsSeen() throws {
    let folder = try Folder()
    var changes = DirectoryChanges(of: folder.path)
    changes.look()
    let first = changes.count
    let file = try folder.write("metrics.jsonl", "{}\n")
    // Times may be coarse, and one in the future must not hide those after it.
    func touch(_ date: Date) throws {
      try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: file)
    }
    try touch(Date(timeIntervalSinceNow: 1e6))
    changes.look()
    #expect(changes.count == first + 1)
    changes.look()
    #expect(changes.count == first + 1, "nothing has changed")
    try touch(Date(timeIntervalSinceNow: -1e6))
    changes.look()
    #expect(changes.count == first + 2)
  }

  @Test func aDirectoryThatIsNotThereDoesNotChange() {
    var changes = DirectoryChanges(of: "/nowhere/run")
    for _ in 0..<3 { changes.look() }
    #expect(changes.count == 0)
  }

  @Test func aDirectoryIsWatched() throws {
    let folder = try Folder()
    try folder.write("metrics.jsonl", "{}\n")
    let watch = DirectoryWatch(of: folder.path)
    var dates = 0.0
    let end = Date(timeIntervalSinceNow: 60)
    while watch.count == 0, Date() < end {
      dates += 1e6
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSince1970: dates)], ofItemAtPath: folder["metrics.jsonl"])
      usleep(10_000)
    }
    #expect(watch.count > 0)
  }

  /// As that of a network file system whose server is gone.
  @Test func aLookThatHangsHoldsNobodyUp() {
    let looks = Atomic(0)
    let gate = DispatchSemaphore(value: 0)
    let watch = DirectoryWatch(every: 0) {
      {
        if looks.add(1, ordering: .relaxed).newValue == 3 { gate.wait() }
        return looks.load(ordering: .relaxed)
      }
    }
    let end = Date(timeIntervalSinceNow: 60)
    while looks.load(ordering: .relaxed) < 3, Date() < end { usleep(1000) }
    #expect(watch.count < 3)
    gate.signal()
    while watch.count < 4, Date() < end { usleep(1000) }
    #expect(watch.count > 3)
  }
}
