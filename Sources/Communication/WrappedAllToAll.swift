/// An exchange of a communicator that hands its calls on to another one.
final class WrappedAllToAll: AllToAll {
  private let base: any AllToAll
  private var isLeftOut = false
  private let beforeStart: (_ sendRanges: [Range<Int>], _ receiveRanges: [Range<Int>]) throws -> Bool
  private let aroundFinish: (() throws -> Void) throws -> Void

  /// `beforeStart` sees what is about to be started, and returns false where it is to be left out, its `finish` too;
  /// `aroundFinish` calls what it is given.
  init(
    _ base: any AllToAll,
    beforeStart: @escaping (_ sendRanges: [Range<Int>], _ receiveRanges: [Range<Int>]) throws -> Bool,
    aroundFinish: @escaping (() throws -> Void) throws -> Void = { try $0() }
  ) {
    (self.base, self.beforeStart, self.aroundFinish) = (base, beforeStart, aroundFinish)
  }

  func start(
    send: UnsafeRawBufferPointer, sendRanges: [Range<Int>],
    receive: UnsafeMutableRawBufferPointer, receiveRanges: [Range<Int>]
  ) throws {
    isLeftOut = try !beforeStart(sendRanges, receiveRanges)
    if isLeftOut { return }
    try base.start(send: send, sendRanges: sendRanges, receive: receive, receiveRanges: receiveRanges)
  }

  func advance() throws -> Bool { try base.advance() }

  func finish() throws {
    if isLeftOut { return }
    // Not the method itself, which would take memory.
    try aroundFinish { try base.finish() }
  }
}
