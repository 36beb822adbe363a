import Diagnostics

/// The rows of a file that has one object of JSON a line, packed by gzip or not.
///
/// ```
/// {"age": 31, "income": 2840.5, "city": "Köln", "member": true, "image": [0.1, 0.7]}
/// {"age": 42, "income": null, "city": "Ulm", "member": false, "image": [0.3, 0.2]}
/// ```
///
/// The columns are the keys of the first rows, in the order in which they appear, each of the type that most of its values
/// have: numbers (integers where all of them are whole, without a point; later ones need not be), booleans, texts, and
/// lists of numbers of one length. A key that is not there, and null, are missing values. A row has a fault where it is no JSON or no UTF-8, has a
/// key twice, a key that the first rows do not have, or a value of another type.
package final class JSONLinesReader: TableReader {
  package let fields: [RawField]

  /// Bytes of lines and of values that a chunk is made of, about: after these it ends.
  private static let chunkBytes = 64 << 20

  private let lines: LineReader
  private let probed: Int
  private var columns: [JSONColumn]
  private let places: [[UInt8]: Int]
  /// The keys' bytes, in the order of the columns.
  private let names: [[UInt8]]
  private let bytesPerRow: Int

  /// Opens a file, and looks at its first rows.
  ///
  /// - Parameters:
  ///   - columns: those that are read; nil means all. Others are passed over, whatever they hold.
  ///   - probed: the number of rows whose keys are the columns.
  ///
  /// Throws a missing input (66) where there is no such file, bad data (65) where none of the first rows is an object, and
  /// where a column holds objects, or lists of anything but numbers.
  package convenience init(_ path: String, columns: Set<String>? = nil, probed: Int = 1000) throws {
    precondition(probed > 0, "expected at least one row to look at, found \(probed)")
    try self.init(path, columns: columns, found: JSONLinesProbe.fields(of: [path], rows: probed), probed: probed)
  }

  /// Opens one of several files that have the columns `found` together.
  package init(_ path: String, columns wanted: Set<String>?, found: [JSONField], probed: Int) throws {
    columns = found.map { JSONColumn($0, isWanted: wanted?.contains($0.name) ?? true) }
    for column in columns where column.isWanted {
      if let refusal = column.field.refusal { throw refusal.failure(of: column.field.name) }
    }
    fields = columns.filter(\.isWanted).map { RawField($0.field.name, $0.field.type) }
    names = found.map { Array($0.name.utf8) }
    places = Dictionary(uniqueKeysWithValues: zip(names, names.indices))
    bytesPerRow = columns.reduce(16) { $0 + $1.bytesPerRow }
    self.probed = probed
    lines = try LineReader(path)
  }

  package func next(most: Int) throws -> TableChunk? {
    let start = lines.bytesGiven
    var (numbers, faults) = ([Int](), [RowFault]())
    while numbers.count < most, lines.bytesGiven - start + numbers.count * bytesPerRow < Self.chunkBytes,
      let line = try lines.next()
    {
      var cursor = JSONCursor(line)
      guard cursor.beginsRow(line: lines.number) else { continue }
      do throws(JSONFault) {
        try read(&cursor, row: numbers.count)
      } catch {
        faults.append(RowFault(row: numbers.count, column: error.column, error.reason))
      }
      numbers.append(lines.number)
      for column in columns.indices where columns[column].count < numbers.count { columns[column].appendMissing() }
    }
    guard !numbers.isEmpty else { return nil }
    var read: [RawColumn] = []
    for column in columns.indices {
      let rows = columns[column].taken()
      if columns[column].isWanted { read.append(rows) }
    }
    return TableChunk(
      count: numbers.count, columns: read, places: RowPlaces(lines.path, lines: numbers), faults: faults)
  }

  private func read(_ cursor: inout JSONCursor, row: Int) throws(JSONFault) {
    try cursor.requireUTF8()
    try cursor.expect(JSONByte.openBrace, "an object")
    cursor.skipBlanks()
    if !cursor.take(JSONByte.closeBrace) {
      // Rows have their keys in the same order mostly.
      var likely = 0
      repeat {
        cursor.skipBlanks()
        let column = try readKey(&cursor, likely: likely)
        guard columns[column].count == row else {
          throw JSONFault(column: columns[column].field.name, reason: "expected the key once, found it twice")
        }
        cursor.skipBlanks()
        try cursor.expect(JSONByte.colon, "':'")
        cursor.skipBlanks()
        try columns[column].read(&cursor)
        likely = column + 1
        cursor.skipBlanks()
      } while cursor.take(JSONByte.comma)
      try cursor.expect(JSONByte.closeBrace, "',' or '}'")
    }
    try cursor.endRow()
  }

  /// The column of the key at the cursor.
  private func readKey(_ cursor: inout JSONCursor, likely: Int) throws(JSONFault) -> Int {
    var key: [UInt8] = []
    if let plain = try cursor.text(appendingTo: &key, whereEscaped: true) {
      let found = UnsafeBufferPointer(rebasing: cursor.bytes[plain])
      if likely < names.count, names[likely].count == found.count, names[likely].elementsEqual(found) { return likely }
      key.append(contentsOf: found)
    }
    if let column = places[key] { return column }
    let name = String(decoding: key, as: UTF8.self)
    throw JSONFault(
      column: name, reason: "expected a key that one of the first \(grouped(probed)) rows has (probe), found another")
  }
}
