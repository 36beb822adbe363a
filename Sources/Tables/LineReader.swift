import Diagnostics
import Files
import Glibc

/// The lines of a file one by one, unpacked where its content says gzip or zstd.
final class LineReader {
  /// Bytes of the longest line: what is longer is no row of a table.
  static let longest = 32 << 20

  let path: String
  /// The number of the line that was read last, from 1.
  private(set) var number = 0

  private let file: ByteReader
  private var memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
  /// What of `memory` was read and not given out yet.
  private var start = 0
  private var end = 0
  private var isAtEnd = false
  /// Bytes of the lines that were given out.
  private(set) var bytesGiven = 0

  /// Throws a missing input (66) where there is no such file or it cannot be read.
  init(_ path: String) throws(Failure) {
    file = try ByteReader(path)
    self.path = file.path
  }

  deinit { memory.deallocate() }

  /// The next line without its line feed, valid until the one after it is asked for; nil at the end.
  ///
  /// Throws bad data where it is longer than `longest`, or a packed stream is damaged or cut off.
  func next() throws(Failure) -> UnsafeBufferPointer<UInt8>? {
    var searched = 0
    while true {
      if let length = lineFeed(from: start + searched) { return give(length + searched, and: 1) }
      searched = end - start
      guard searched <= Self.longest else { throw tooLong }
      guard !isAtEnd else { return searched > 0 ? give(searched, and: 0) : nil }
      try refill()
    }
  }

  /// How many bytes there are from `place` to the next line feed.
  private func lineFeed(from place: Int) -> Int? {
    guard place < end, let here = memory.baseAddress.map({ $0 + place }), let found = memchr(here, 10, end - place)
    else { return nil }
    return UnsafeRawPointer(found) - UnsafeRawPointer(here)
  }

  private func give(_ count: Int, and behind: Int) -> UnsafeBufferPointer<UInt8> {
    let line = UnsafeRawBufferPointer(rebasing: memory[start..<start + count]).assumingMemoryBound(to: UInt8.self)
    start += count + behind
    number += 1
    bytesGiven += count + behind
    return line
  }

  /// Moves what is left to the front, and reads more behind it.
  private func refill() throws(Failure) {
    let left = end - start
    if left > memory.count / 2 {
      let more = UnsafeMutableRawBufferPointer.allocate(byteCount: 2 * memory.count, alignment: 64)
      more.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[start..<end]))
      memory.deallocate()
      memory = more
    } else if left > 0 {
      memory.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[start..<end]))
    }
    (start, end) = (0, left)
    let room = UnsafeMutableRawBufferPointer(rebasing: memory[left...])
    let found = try file.read(into: room)
    end += found
    isAtEnd = found < room.count
    guard !file.isCutOff else { throw file.cutOff(after: bytesGiven + end) }
  }

  private var tooLong: Failure {
    Failure(
      .badData, at: "\(path):\(number + 1)", "expected a line of at most \(Self.longest) bytes, found a longer one",
      cure: "write a row a line")
  }
}
