import Diagnostics
import Files
import Tensors

/// The rows of a table in CSV format, some at a time: memory holds a piece of the file, however long it is.
package struct CSVStream {
  private let path: String
  private let target: Dataset.TableTarget
  private let wide: Set<Int>
  private var pieces: CSVPieces
  private var records: CSVRecords
  private let columns: CSVColumns
  private var hasRows = false

  /// Opens a table like the training data's, and reads its header.
  ///
  /// The arguments are as in `Dataset.csv`, and so is what is thrown, as soon as it is met.
  package init(
    _ path: String, target: Dataset.TableTarget, header: Bool? = nil, like schema: Schema
  ) throws(Failure) {
    try self.init(path, target: target, header: header, like: schema, piece: 4 << 20)
  }

  /// Of pieces of about so many bytes.
  init(
    _ path: String, target: Dataset.TableTarget, header: Bool? = nil, like schema: Schema, piece: Int
  ) throws(Failure) {
    (self.path, self.target, wide) = (
      path, target.naming(classes: schema.classes, columns: schema.targets), schema.wide
    )
    pieces = CSVPieces(try ByteReader(path), size: piece)
    guard let first = try pieces.next() else { throw CSVStream.empty(path) }
    if let format = ForeignFormat(first) { throw format.failure(at: path, insteadOf: CSVStream.expected) }
    var start = CSVRecords(path: path, bytes: first)
    records = start
    while try !records.next() {
      guard let piece = try pieces.next() else { throw CSVStream.empty(path) }
      start = records.continued(piece)
      records = start
    }
    // Whether the first record is a header depends on the second.
    var second = records
    if (try? second.next()) == false, let piece = try pieces.next() {
      start.append(piece)
      records = start
      _ = try records.next()
    }
    columns = try CSVColumns(records, target: self.target, features: schema.features, header: header)
    if columns.areInFile { records.columns = columns.names } else { records = start }
  }

  /// The next rows, `rows` at most; nil where there are no more.
  package mutating func next(rows most: Int) throws(Failure) -> Dataset? {
    var rows = CSVRows(columns, target: target, wide: wide)
    rows.reserve(most * columns.features.count)
    while rows.count < most {
      if try records.next() {
        try rows.append(records)
      } else {
        guard let piece = try pieces.next() else { break }
        records = records.continued(piece)
      }
    }
    guard rows.count > 0 else {
      guard hasRows else { throw CSVStream.noRows(path) }
      return nil
    }
    hasRows = true
    return try rows.dataset(path, rereading: nil)
  }

  static let expected = "a table in CSV format (UTF-8)"

  static func empty(_ path: String) -> Failure {
    Failure(.badData, at: path, "expected a table with a header, found an empty file", cure: "fetch it again")
  }

  static func noRows(_ path: String) -> Failure {
    Failure(.badData, at: path, "expected samples after the header, found none", cure: "add rows")
  }
}

/// The bytes of a table in pieces that end where a record does.
struct CSVPieces {
  private let reader: ByteReader
  /// Read, but behind the last record's end.
  private var rest: [UInt8] = []
  private var isAtEnd = false
  /// Bytes so far.
  private var count = 0
  private let size: Int

  /// Pieces of about `size` bytes.
  init(_ reader: ByteReader, size: Int) { (self.reader, self.size) = (reader, size) }

  /// A longer record is taken for a quote that was never closed, and left to whoever reads it to refuse.
  private static let longestRecord = 1 << 25

  /// The next piece; nil at the end of the file.
  mutating func next() throws(Failure) -> [UInt8]? {
    var (piece, ends) = (rest, RecordEnds())
    rest = []
    while !isAtEnd {
      try append(to: &piece)
      if isAtEnd { break }
      ends.scan(piece)
      guard let end = ends.last else {
        if piece.count > Self.longestRecord { return piece }
        continue
      }
      rest = Array(piece[end...])
      piece.removeSubrange(end...)
      return piece
    }
    return piece.isEmpty ? nil : piece
  }

  private mutating func append(to piece: inout [UInt8]) throws(Failure) {
    let known = piece.count
    var outcome: Result<Int, Failure> = .success(0)
    let more = [UInt8](unsafeUninitializedCapacity: size) { buffer, initialised in
      outcome = Result { () throws(Failure) in try reader.read(into: UnsafeMutableRawBufferPointer(buffer)) }
      if case .success(let found) = outcome { initialised = found }
    }
    let found = try outcome.get()
    count += found
    if known == 0 { piece = more } else { piece.append(contentsOf: more) }
    guard found < size else { return }
    isAtEnd = true
    guard !reader.isCutOff else { throw reader.cutOff(after: count) }
  }
}

/// Where records end in bytes that come piece by piece: behind a line end that an even number of quotes stands before.
private struct RecordEnds {
  /// Behind the last whole record; nil where none has ended.
  private(set) var last: Int?
  private var isQuoted = false
  private var scanned = 0

  /// Goes on behind what was scanned before. A carriage return at the very end waits, as a line feed may follow.
  mutating func scan(_ bytes: [UInt8]) {
    bytes.withUnsafeBufferPointer { bytes in
      while scanned < bytes.count {
        let byte = bytes[scanned]
        if byte == UInt8(ascii: "\"") {
          isQuoted.toggle()
        } else if !isQuoted, byte == UInt8(ascii: "\n") {
          last = scanned + 1
        } else if !isQuoted, byte == UInt8(ascii: "\r") {
          guard scanned + 1 < bytes.count else { return }
          if bytes[scanned + 1] != UInt8(ascii: "\n") { last = scanned + 1 }
        }
        scanned += 1
      }
    }
  }
}
