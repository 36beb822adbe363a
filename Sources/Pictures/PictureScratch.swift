import Synchronization

/// The room that a thread needs to decode pictures, which it keeps for the next ones.
package final class PictureScratch {
  let jpeg = JPEGDecoder()
  /// Bytes of a file.
  package let file = GrowingBytes()
  /// As decoded, with what they become; along rows, and along both sides.
  let decoded = GrowingBytes()
  let converted = GrowingBytes()
  let rows = GrowingBytes()
  let resized = GrowingBytes()
  let across = ResizeAxis()
  let down = ResizeAxis()

  package init() {}

  /// Gives memory back that only a few pictures need.
  func shrink() { for bytes in [file, decoded, converted, rows, resized] { bytes.shrink() } }
}

/// Memory that grows to what was asked for most, and is kept but where that is much.
package final class GrowingBytes {
  private var memory = UnsafeMutableRawBufferPointer(start: nil, count: 0)

  package init() {}

  deinit { memory.deallocate() }

  /// What is kept for the next picture: 20 million pixels of three channels.
  private static let most = 1 << 26

  func shrink() {
    guard memory.count > Self.most else { return }
    memory.deallocate()
    memory = UnsafeMutableRawBufferPointer(start: nil, count: 0)
  }

  /// Room for so many bytes, which hold anything, and some behind them.
  package func room(_ count: Int) -> UnsafeMutableRawPointer {
    if count > memory.count || memory.baseAddress == nil {
      memory.deallocate()
      memory = .allocate(byteCount: count + min(count, Self.most) / 4 + 64, alignment: 64)
    }
    return memory.baseAddress!
  }
}

/// Scratch that nobody uses at the moment: as many as threads have decoded at the same time.
package final class ScratchPool: Sendable {
  private struct Free: @unchecked Sendable { var scratches: [PictureScratch] = [] }

  private let free = Mutex(Free())

  package init() {}

  package func with<Result, E: Error>(_ body: (PictureScratch) throws(E) -> Result) throws(E) -> Result {
    nonisolated(unsafe) let scratch = take()
    defer {
      scratch.shrink()
      free.withLock { $0.scratches.append(scratch) }
    }
    return try body(scratch)
  }

  private func take() -> PictureScratch {
    nonisolated(unsafe) var found: PictureScratch?
    free.withLock { found = $0.scratches.popLast() }
    return found ?? PictureScratch()
  }
}
