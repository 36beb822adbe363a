import CTables
import Diagnostics
import Files

/// The bytes of a CSV file in UTF-8, of which a window is in memory.
struct CSVBytes {
  private let reader: ByteReader
  private let encoding: CSVDialect.Encoding
  private let piece: Int
  /// The window, and some bytes behind it that mean nothing.
  private(set) var bytes: [UInt8] = []
  /// How many bytes of it count.
  private(set) var count = 0
  /// Whether the window ends where the file does.
  private(set) var isAtEnd = false
  private var readSoFar = 0

  /// A longer record is taken for a quote that was never closed.
  static let longestRecord = 1 << 25

  init(_ path: String, _ encoding: CSVDialect.Encoding, piece: Int) throws(Failure) {
    (reader, self.encoding, self.piece) = (try ByteReader(path), encoding, piece)
  }

  var path: String { reader.path }

  /// Moves the window on: it begins at `position`, which becomes 0, and ends a piece further. False at the end of the file.
  mutating func refill(from position: inout Int) throws(Failure) -> Bool {
    guard !isAtEnd else { return false }
    let rest = bytes[position..<count]
    let room = rest.count + (encoding == .latin1 ? 2 : 1) * piece + Int(CT_PADDING)
    let (reader, encoding, piece) = (reader, encoding, piece)
    var (outcome, filled, read): (Result<Void, Failure>, Int, Int) = (.success(()), rest.count, 0)
    // A new one, as rows that were given out share the old one.
    bytes = [UInt8](unsafeUninitializedCapacity: room) { buffer, initialised in
      _ = buffer[..<rest.count].update(fromContentsOf: rest)
      let free = UnsafeMutableBufferPointer(rebasing: buffer[rest.count..<rest.count + piece])
      outcome = Result { () throws(Failure) in read = try reader.read(into: UnsafeMutableRawBufferPointer(free)) }
      filled += encoding == .latin1 ? Self.widen(buffer, from: rest.count, count: read) : read
      buffer[filled...].update(repeating: 0)
      initialised = room
    }
    try outcome.get()
    readSoFar += read
    (count, position) = (filled, 0)
    if read < piece {
      isAtEnd = true
      guard !reader.isCutOff else { throw reader.cutOff(after: readSoFar) }
    }
    return true
  }

  /// Makes `count` bytes of ISO 8859-1 UTF-8, in place, from the last one on; returns how many they are then.
  private static func widen(_ buffer: UnsafeMutableBufferPointer<UInt8>, from start: Int, count: Int) -> Int {
    let wide = buffer[start..<start + count].count { $0 >= 0x80 }
    var to = start + count + wide
    var at = start + count
    // Behind the first wide one all lie where they were.
    while to != at {
      at -= 1
      let byte = buffer[at]
      if byte < 0x80 {
        to -= 1
        buffer[to] = byte
      } else {
        to -= 2
        (buffer[to], buffer[to + 1]) = (0xC0 | byte >> 6, 0x80 | byte & 0x3F)
      }
    }
    return count + wide
  }

  /// Throws where the window holds the beginning of a record that is too long to be one.
  func requireShortRecord(from position: Int, line: Int) throws(Failure) {
    guard count - position > Self.longestRecord else { return }
    throw Failure(
      .badData, at: "\(path):\(line)", "expected a record of at most \(Self.longestRecord) bytes, found a longer one",
      cure: "close the quote that opens in it, or check that this is a CSV file")
  }
}
