import Diagnostics

/// What stands for this process's input or output in the place of a path.
package let standardStream = "-"

/// What messages call this process's input.
package let standardInput = "standard input"

/// The bytes of a regular file, or of what is called `-`, this process's input, from first to last: unpacked where the content,
/// not the name, says gzip or zstd.
package final class ByteReader {
  package let path: String
  private let source: Source
  private let unpacker: (any Unpacker)?
  /// Bytes that were unpacked.
  private var unpacked = 0

  private enum Source {
    case file(RegularFile)
    case input(StandardInput)
  }

  /// Opens `path`; throws a missing input (66) where there is no such file or it cannot be read.
  package init(_ path: String) throws(Failure) {
    self.path = path == standardStream ? standardInput : path
    if path == standardStream {
      source = .input(try StandardInput())
    } else {
      source = .file(try RegularFile(path, cure: "check the path and its permissions"))
    }
    let head = Self.head(of: source)
    let kind = unpackers.first { head.starts(with: $0.magic) }
    if let kind { unpacker = try kind.init(path) } else { unpacker = nil }
  }

  /// Bytes of the file as it lies on disk; 0 for an input.
  package var size: Int { if case .file(let file) = source { file.size } else { 0 } }

  /// Whether the file is a packed stream.
  package var isPacked: Bool { unpacker != nil }

  /// `gzip`; nil for a plain file.
  package var packing: String? { unpacker.map { type(of: $0).name } }

  /// Bytes that the file holds at most: exact for a plain file; an input may go on for ever.
  ///
  /// Data do not come near what could be packed best, but a small file made to fill memory does: what unpacks to more than
  /// `unquestionedBytes` must not exceed `plausibleRatio`.
  package var mostBytes: Int {
    guard case .file = source else { return .max }
    guard let unpacker else { return size }
    let size = min(size, .max >> 16)
    return min(type(of: unpacker).mostRatio * size, max(Self.unquestionedBytes, Self.plausibleRatio * size))
  }

  private static let unquestionedBytes = 64 << 20
  private static let plausibleRatio = 200

  /// The first bytes of the file as it lies on disk, 512 at most.
  package var head: [UInt8] { Self.head(of: source) }

  private static func head(of source: Source) -> [UInt8] {
    switch source {
    case .file(let file): file.prefix(512)
    case .input(let input): input.head
    }
  }

  private func readNext(into buffer: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
    switch source {
    case .file(let file): try file.readNext(into: buffer)
    case .input(let input): try input.readNext(into: buffer)
    }
  }

  /// Whether the last `read` ran into the end of a packed stream that had not come to its own end.
  package var isCutOff: Bool { unpacker?.isCutOff ?? false }

  /// Overwrites `buffer` with the next bytes and returns how many: fewer than asked for only at the end.
  ///
  /// Reading past a packed stream's last byte verifies its checksum; a damaged one throws bad data, and so does one that
  /// unpacks to more than `mostBytes`: the limit holds for every source, as there is no other way to the bytes.
  package func read(into buffer: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
    if let unpacker {
      let found = try unpacker.unpack(into: buffer) { (packed) throws(Failure) in
        try self.readNext(into: packed)
      }
      unpacked += found
      guard unpacked <= mostBytes else {
        throw Failure(
          .badData, at: path,
          "expected at most \(mostBytes) bytes from a \(type(of: unpacker).name) stream of \(size), found more",
          cure: "unpack the file first if you trust it")
      }
      return found
    }
    return try readNext(into: buffer)
  }

  /// Whether all bytes have been read; a packed stream's checksum is verified by then.
  package func isAtEnd() throws(Failure) -> Bool {
    let byte = UnsafeMutableRawBufferPointer.allocate(byteCount: 1, alignment: 1)
    defer { byte.deallocate() }
    return try read(into: byte) == 0
  }
}
