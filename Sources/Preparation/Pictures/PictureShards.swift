import Diagnostics
import Files
import Foundation
import Tensors

/// Where a picture lies in the shards of prepared data, and what is known of it.
struct PictureRecord: Sendable, Equatable {
  var shard: Int
  /// Bytes in the shard before it, and its own.
  var offset: Int
  var size: Int
  /// Pixels of the upright picture.
  var height: Int
  var width: Int
  /// Of its bytes: see `Checksum`.
  var checksum: UInt64

  /// Numbers of a record in the index.
  static let width = 6

  var numbers: [Int64] {
    [shard, offset, size, height, width].map(Int64.init) + [Int64(bitPattern: checksum)]
  }

  init(shard: Int, offset: Int, size: Int, height: Int, width: Int, checksum: UInt64) {
    (self.shard, self.offset, self.size) = (shard, offset, size)
    (self.height, self.width, self.checksum) = (height, width, checksum)
  }

  /// The record at `place` of an index.
  init(_ index: MappedArray<Int64>, _ place: Int) {
    func number(_ field: Int) -> Int { Int(index[place * Self.width + field]) }
    self.init(
      shard: number(0), offset: number(1), size: number(2), height: number(3), width: number(4),
      checksum: UInt64(bitPattern: index[place * Self.width + 5]))
  }
}

/// Writes pictures, as compressed as they are, one behind the other into files of some size: a shared file system has few large
/// files to open and to read, where it had millions.
final class ShardWriter {
  /// Bytes behind which the next file begins.
  static let shardBytes = 128 << 20

  private let directory: String
  private var descriptor: Int32 = -1
  private var path = ""
  private var shard = -1
  private var offset = 0
  private var buffer: [UInt8] = []
  private let index: ArrayWriter<Int64>
  private let indexHash = StreamingDigest()
  /// Bytes of each shard that is whole.
  private(set) var sizes: [Int] = []
  /// Pictures so far.
  var count: Int { index.count / PictureRecord.width }

  init(_ directory: String) throws {
    self.directory = directory
    index = try ArrayWriter(Self.indexPath(directory), width: PictureRecord.width)
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  static func path(_ directory: String, _ shard: Int) -> String {
    let number = "\(shard)"
    return "\(directory)/shard-\(String(repeating: "0", count: max(0, 5 - number.count)))\(number).pictures"
  }

  static func indexPath(_ directory: String) -> String { "\(directory)/pictures.npy" }

  func append(_ bytes: UnsafeRawBufferPointer, height: Int, width: Int, checksum: UInt64) throws {
    if descriptor < 0 || offset >= Self.shardBytes { try begin() }
    let record = PictureRecord(
      shard: shard, offset: offset, size: bytes.count, height: height, width: width, checksum: checksum)
    let numbers = record.numbers
    numbers.withUnsafeBytes { indexHash.update($0) }
    try index.append(contentsOf: numbers)
    buffer.append(contentsOf: bytes)
    offset += bytes.count
    if buffer.count >= 1 << 20 { try flush() }
  }

  private func begin() throws {
    try end()
    shard += 1
    offset = 0
    path = Self.path(directory, shard)
    descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw Failure.system("open", path, errno: errno) }
  }

  private func flush() throws {
    try buffer.withUnsafeBytes { try writeAll($0, to: descriptor, path) }
    buffer.removeAll(keepingCapacity: true)
  }

  private func end() throws {
    guard descriptor >= 0 else { return }
    try flush()
    guard fsync(descriptor) == 0 else {
      throw Failure.system("fsync", path, errno: errno, cure: "make room on the disk")
    }
    let code = close(descriptor)
    descriptor = -1
    guard code == 0 else { throw Failure.system("close", path, errno: errno) }
    sizes.append(offset)
  }

  /// Ends all files; returns the digest of the index.
  func finish() throws -> Digest {
    try end()
    _ = try index.finish()
    return indexHash.finish()
  }
}

/// The shards of prepared data, mapped into memory.
package final class PictureShards: Sendable {
  package let count: Int
  private let directory: String
  private let index: MappedArray<Int64>
  private let shards: [MappedBytes]

  /// Opens what a `ShardWriter` wrote; throws bad data where a file has another size than it had.
  ///
  /// - Parameter verifies: whether all bytes are read and compared with their checksums; without it each picture's are when it is read.
  init(_ directory: String, sizes: [Int], verifies: Bool) throws {
    self.directory = directory
    index = try MappedArray(ShardWriter.indexPath(directory))
    count = index.count / PictureRecord.width
    shards = try sizes.indices.map { try MappedBytes(ShardWriter.path(directory, $0)) }
    for (place, shard) in shards.enumerated() where shard.bytes.count != sizes[place] {
      throw Failure(
        .badData, at: ShardWriter.path(directory, place),
        "expected \(grouped(sizes[place])) bytes, found \(grouped(shard.bytes.count))", cure: "delete the folder")
    }
    for picture in 0..<count where verifies && bytes(of: picture) == nil { throw damage(picture) }
  }

  /// Of its numbers, as the writer gave it.
  func indexDigest() -> Digest {
    let hash = StreamingDigest()
    index.forEachBlock { hash.update(UnsafeRawBufferPointer($1)) }
    return hash.finish()
  }

  /// Height and width of a picture.
  package func size(of picture: Int) -> (height: Int, width: Int) {
    let record = PictureRecord(index, picture)
    return (record.height, record.width)
  }

  /// The bytes of a picture; nil where they are no more what was prepared.
  package func bytes(of picture: Int) -> UnsafeRawBufferPointer? {
    let record = PictureRecord(index, picture)
    guard shards.indices.contains(record.shard) else { return nil }
    let shard = shards[record.shard].bytes
    guard record.offset >= 0, record.size >= 0, record.offset <= shard.count - record.size else { return nil }
    let bytes = UnsafeRawBufferPointer(rebasing: shard[record.offset..<record.offset + record.size])
    var sum = Checksum()
    sum.add(bytes)
    return sum.value == record.checksum ? bytes : nil
  }

  /// What is said where a picture's bytes have changed.
  package func damage(_ picture: Int) -> Failure {
    let record = PictureRecord(index, picture)
    return Failure(
      .badData, at: ShardWriter.path(directory, record.shard),
      "expected the picture that was prepared at byte \(grouped(record.offset)), found other bytes",
      cure: "delete the folder, and prepare once more")
  }
}
