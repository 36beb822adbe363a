import Diagnostics

/// A communicator that hands every call on to another one and notes in `progress` which collective is under way.
package final class WatchedCommunicator: CommunicatorWrapper, @unchecked Sendable {
  let base: any Communicator
  private let progress: RankProgress
  private let fault: InjectedFault?
  private var hasSkipped = false

  package init(_ base: any Communicator, progress: RankProgress, fault: InjectedFault? = nil) {
    self.base = base
    self.progress = progress
    self.fault = fault
  }

  package func barrier() throws {
    if skips() { return }
    try watching(.barrier) { try base.barrier() }
  }

  package func broadcast(_ buffer: UnsafeMutableRawBufferPointer, root: Int) throws {
    try watching(.broadcast) { try base.broadcast(buffer, root: root) }
  }

  package func allGather(_ buffer: UnsafeMutableRawBufferPointer, ranges: [Range<Int>]) throws {
    try watching(.allGather) { try base.allGather(buffer, ranges: ranges) }
  }

  package func allToAll(
    send: UnsafeRawBufferPointer, sendRanges: [Range<Int>],
    receive: UnsafeMutableRawBufferPointer, receiveRanges: [Range<Int>]
  ) throws {
    if skips() { return }
    try watching(.allToAll) {
      try base.allToAll(send: send, sendRanges: sendRanges, receive: receive, receiveRanges: receiveRanges)
    }
  }

  /// Its wait is watched; that it has begun can not be what a rank hangs in.
  package func makeAllToAll() throws -> any AllToAll {
    WrappedAllToAll(
      try base.makeAllToAll(), beforeStart: { [self] _, _ in !skips() },
      aroundFinish: { [self] finish in try watching(.allToAll, finish) })
  }

  package func shareMemory(byteCount: Int) throws -> [UnsafeMutableRawBufferPointer]? {
    try watching(.shareMemory) { try base.shareMemory(byteCount: byteCount) }
  }

  package func nativeSum(_ buffer: UnsafeMutableBufferPointer<Float>) throws {
    try watching(.nativeSum) { try base.nativeSum(buffer) }
  }

  /// Whether a test wants the rank to leave this one out.
  private func skips() -> Bool {
    guard let fault, !hasSkipped else { return false }
    let position = progress.position
    hasSkipped =
      [.computing, .reducing].contains(position.phase)
      && fault.befalls(.skipCollective, rank: rank, step: position.step)
    return hasSkipped
  }

  private func watching<Value>(_ collective: RankProgress.Collective, _ body: () throws -> Value) rethrows -> Value {
    progress.begin(collective)
    defer { progress.end() }
    return try body()
  }
}
