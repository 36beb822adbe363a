import Diagnostics

/// This process's input, whose first bytes are looked at before they are read.
final class StandardInput {
  /// The first bytes, 512 where there are so many.
  let head: [UInt8]
  private let file: FileDescriptor
  /// Bytes of `head` that were read.
  private var read = 0

  init() throws(Failure) {
    file = try FileDescriptor.copy(of: 0, called: standardStream)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 512, alignment: 1)
    defer { buffer.deallocate() }
    head = Array(buffer.prefix(try file.read(into: buffer, of: standardStream)))
  }

  /// Overwrites `buffer` with the next bytes and returns how many: fewer than asked for only at the end.
  func readNext(into buffer: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
    let count = min(buffer.count, head.count - read)
    buffer.copyBytes(from: head[read..<read + count])
    read += count
    return count + (try file.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[count...]), of: standardStream))
  }
}
