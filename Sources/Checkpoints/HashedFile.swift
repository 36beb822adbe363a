import Tensors

/// A file being written: counted and hashed on the way to the disk.
final class HashedFile {
  private let path: String
  private let files: FileSystem
  private var descriptor: Int32?
  private let hash = StreamingDigest()
  private var count = 0

  /// Bytes that are hashed and written together, while they are in the cache.
  private static let piece = 1 << 20

  /// Creates the file, or empties the one there.
  init(_ path: String, files: FileSystem) throws {
    self.path = path
    self.files = files
    descriptor = try files.create(path)
  }

  deinit { if let descriptor { try? files.close(descriptor, path: path) } }

  /// Appends `bytes`; nothing but pieces of 1 MiB is held back or copied.
  func append(_ bytes: UnsafeRawBufferPointer) throws {
    guard let descriptor else { preconditionFailure("\(path) is closed") }
    for start in stride(from: 0, to: bytes.count, by: Self.piece) {
      let part = UnsafeRawBufferPointer(rebasing: bytes[start..<min(start + Self.piece, bytes.count)])
      hash.update(part)
      try files.write(part, to: descriptor, path: path)
    }
    count += bytes.count
  }

  func append(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes(append) }

  /// Waits until all of it is on the disk, and closes it.
  func finish() throws -> FileRecord {
    guard let descriptor else { preconditionFailure("\(path) is closed") }
    try files.sync(descriptor, path: path)
    self.descriptor = nil
    try files.close(descriptor, path: path)
    return FileRecord(bytes: count, sha256: hash.finish())
  }
}

/// What a file must hold to be whole: its length and its checksum.
package struct FileRecord: Codable, Equatable, Sendable {
  package let bytes: Int
  /// 64 hexadecimal digits.
  package let sha256: String

  package init(bytes: Int, sha256: Digest) {
    self.bytes = bytes
    self.sha256 = sha256.hex
  }
}
