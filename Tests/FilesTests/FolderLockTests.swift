import Diagnostics
import Files
import Foundation
import Synchronization
import TestSupport
import Testing

/// What one process does at a time, and what those see that wait for it.
@Suite struct FolderLockTests {
  let folder: Folder

  init() throws { folder = try Folder() }

  private final class Seen: Sendable {
    let waits = Atomic<Int>(0)
    let isDone = Atomic<Bool>(false)
  }

  @Test func whoeverWaitsIsCalledMeanwhile() throws {
    let seen = Seen()
    let path = folder["one.lock"]
    try FolderLock.held(path) {
      Thread.detachNewThread {
        try? FolderLock.held(path, whileWaiting: { seen.waits.add(1, ordering: .relaxed) }) {
          seen.isDone.store(true, ordering: .relaxed)
        }
      }
      while seen.waits.load(ordering: .relaxed) == 0 { usleep(1000) }
      let isDone = seen.isDone.load(ordering: .relaxed)
      #expect(!isDone, "one at a time")
    }
    while !seen.isDone.load(ordering: .relaxed) { usleep(1000) }
  }

  /// The file goes with its holder, and yet no two of many hold it, whoever made the file that they wait for.
  @Test func theFileGoesAndNobodyIsLetInBesides() throws {
    let path = folder["one.lock"]
    let inside = Atomic<Int>(0)
    let entries = Atomic<Int>(0)
    let most = Atomic<Int>(0)
    DispatchQueue.concurrentPerform(iterations: 8) { _ in
      for _ in 0..<20 {
        try? FolderLock.held(path) {
          most.max(inside.add(1, ordering: .sequentiallyConsistent).newValue, ordering: .sequentiallyConsistent)
          entries.add(1, ordering: .sequentiallyConsistent)
          usleep(200)
          inside.subtract(1, ordering: .sequentiallyConsistent)
        }
        FolderLock.ifFree(path) {
          most.max(inside.add(1, ordering: .sequentiallyConsistent).newValue, ordering: .sequentiallyConsistent)
          inside.subtract(1, ordering: .sequentiallyConsistent)
        }
      }
    }
    #expect(entries.load(ordering: .relaxed) == 160 && most.load(ordering: .relaxed) == 1)
    #expect(folder.names() == [])
    try FolderLock.held(path) { FolderLock.ifFree(path) { Issue.record("it is not free") } }
    #expect(throws: Failure.self) { try FolderLock.held(path) { throw Failure(.usage, "a fault") } }
    #expect(folder.names() == [], "whatever comes of it")
  }

  @Test func growthIsSeenOnce() throws {
    let growth = FolderGrowth(folder.path)
    _ = growth.hasGrown
    #expect(!growth.hasGrown, "an empty folder")
    // The clock of files may move by some milliseconds at a time.
    usleep(20_000)
    FolderGrowth.touch(folder.path)
    #expect(growth.hasGrown && !growth.hasGrown)
    try FileManager.default.createDirectory(atPath: folder["c"], withIntermediateDirectories: true)
    _ = growth.hasGrown
    for (change, text) in [("a", "1"), ("a", "12"), ("b", ""), ("c/d", "1")] {
      try folder.write(change, text)
      #expect(growth.hasGrown)
      #expect(!growth.hasGrown)
    }
    try folder.remove("b")
    #expect(growth.hasGrown)
    let none = FolderGrowth(folder["none"])
    #expect(!none.hasGrown)
  }
}
