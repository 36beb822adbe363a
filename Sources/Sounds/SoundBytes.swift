import Diagnostics
import Files

/// The bytes of a sound's file: in memory, or read from the disk as they are asked for, so that memory does not grow with the file.
///
/// One thread at a time uses it.
package final class SoundBytes {
  package let count: Int
  /// Where all of them lie; nil: in a file.
  private let memory: UnsafeRawBufferPointer?
  private let file: RegularFile?
  /// Those of the file from `start` on that were read last.
  private var window = UnsafeMutableRawBufferPointer(start: nil, count: 0)
  private var held = 0..<0

  /// The most that is asked for at a time: more than a page of OGG has.
  static let most = 1 << 18

  /// Bytes that stay where they are.
  package init(_ bytes: UnsafeRawBufferPointer) { (memory, file, count) = (bytes, nil, bytes.count) }

  package init(_ file: RegularFile) {
    (memory, self.file, count) = (nil, file, file.size)
    window = .allocate(byteCount: Self.most, alignment: 64)
  }

  deinit { window.deallocate() }

  /// The bytes of a range inside of the file, `most` of them at most, which are there until others are asked for.
  func bytes(_ range: Range<Int>) throws(SoundFault) -> UnsafeRawBufferPointer {
    precondition(range.upperBound <= count && range.count <= Self.most, "bytes \(range) of \(count)")
    if let memory { return UnsafeRawBufferPointer(rebasing: memory[range]) }
    if range.lowerBound < held.lowerBound || range.upperBound > held.upperBound {
      let wanted = range.lowerBound..<min(count, range.lowerBound + Self.most)
      held = 0..<0
      do {
        try file!.read(into: UnsafeMutableRawBufferPointer(rebasing: window[..<wanted.count]), at: wanted.lowerBound)
      } catch {
        throw SoundFault("expected a file that stays as it is, found it changed (\(error))")
      }
      held = wanted
    }
    let start = range.lowerBound - held.lowerBound
    return UnsafeRawBufferPointer(rebasing: window[start..<start + range.count])
  }

  /// All bytes, piece by piece.
  package func forEachPiece(_ body: (UnsafeRawBufferPointer) -> Void) throws(SoundFault) {
    if let memory { return body(memory) }
    for start in stride(from: 0, to: count, by: Self.most) {
      body(try bytes(start..<min(count, start + Self.most)))
      SignsOfLife.note()
    }
  }
}
