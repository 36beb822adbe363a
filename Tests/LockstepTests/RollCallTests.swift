import Communication
import Foundation
import Synchronization
import Testing

@testable import Lockstep

@Suite struct RollCallTests {
  /// A rank whose peer has no socket closes its own once: by the second time another thread's file has its number.
  @Test func nobodyElsesFileIsClosed() throws {
    let isDone = Atomic<Bool>(false)
    let lost = Atomic<Int>(0)
    try withThread({
      while !isDone.load(ordering: .relaxed) {
        let file = open("/dev/null", O_RDONLY | O_CLOEXEC)
        if file >= 0, close(file) != 0 { lost.add(1, ordering: .relaxed) }
      }
    }) {
      #expect(try RollCall(WithoutPeer(), hosts: ["here", "here"]) == nil)
      for _ in 0..<50_000 { _ = try RollCall(WithoutPeer(), hosts: ["here", "here"]) }
      isDone.store(true, ordering: .relaxed)
    }
    #expect(lost.load(ordering: .relaxed) == 0)
  }

  /// Runs `other` on a thread of its own beside `body`, and waits for both.
  private func withThread(_ other: @escaping @Sendable () -> Void, _ body: () throws -> Void) rethrows {
    let end = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      other()
      end.signal()
    }
    defer { end.wait() }
    try body()
  }
}

/// Rank 1 of two, of which rank zero says nothing but zeros.
private final class WithoutPeer: Communicator {
  let (rank, size, host, hostRank, hostSize) = (1, 2, "here", 1, 2)

  func allGather(_ buffer: UnsafeMutableRawBufferPointer, ranges: [Range<Int>]) {
    for place in ranges[0] { buffer[place] = 0 }
  }

  func barrier() {}
  func broadcast(_ buffer: UnsafeMutableRawBufferPointer, root: Int) {}
  func allToAll(
    send: UnsafeRawBufferPointer, sendRanges: [Range<Int>],
    receive: UnsafeMutableRawBufferPointer, receiveRanges: [Range<Int>]
  ) {}
  func makeAllToAll() -> any AllToAll { preconditionFailure("nobody is asked for it") }
  func shareMemory(byteCount: Int) -> [UnsafeMutableRawBufferPointer]? { nil }
  func nativeSum(_ buffer: UnsafeMutableBufferPointer<Float>) {}
}
