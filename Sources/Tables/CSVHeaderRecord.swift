import CTables
import Diagnostics
import Files

/// What a CSV file's columns are called.
struct CSVHeaderRecord {
  let names: [String]

  /// Reads the first record of a file that nothing was read of, and steps over it where it names the columns.
  ///
  /// Throws bad data where it cannot be a header, or is none where there should be one.
  init(_ source: inout CSVBytes, _ scanner: inout ct_scanner, _ dialect: CSVDialect) throws {
    // A byte order mark has three bytes, and a format is told by more.
    while source.count < 512 { guard try source.refill(from: &scanner.position) else { break } }
    if dialect.encoding == .utf8, let format = ForeignFormat(Array(source.bytes[..<min(512, source.count)])) {
      throw format.failure(at: source.path, insteadOf: "a table in CSV format (UTF-8)")
    }
    if source.bytes.starts(with: [0xEF, 0xBB, 0xBF]) { scanner.position = 3 }
    guard let first = try Self.record(&source, &scanner) else {
      throw Failure(
        .badData, at: source.path, "expected a table with a header, found an empty file", cure: "fetch it again")
    }
    let (path, line) = (source.path, first.line)
    func failure(_ fault: String, cure: String) -> Failure {
      Failure(.badData, at: "\(path):\(line)", fault, cure: cure)
    }
    if let fault = first.fault { throw failure(fault, cure: "correct the first record") }
    guard !first.cells.contains(where: { $0.utf8.contains(0) }) else {
      throw failure(
        "expected a table in CSV format, found bytes that are zero",
        cure: "check that this is the right file, and all of it, in UTF-8")
    }
    let other = CSVDialect.separators.first {
      $0.byte != dialect.separator && first.cells.joined().utf8.contains($0.byte)
    }
    if first.cells.count == 1, let other {
      let own = CSVDialect.separators.first { $0.byte == dialect.separator }?.words ?? "the separator"
      throw failure(
        "expected columns separated by \(own), found \(other.words)",
        cure: "set separator: \"\(other.byte == UInt8(ascii: "\t") ? "\\t" : String(UnicodeScalar(other.byte)))\"")
    }
    guard dialect.hasHeader else {
      names = first.cells.indices.map { "\($0 + 1)" }
      return
    }
    let numbers = first.cells.map { DecimalFloat.number($0.utf8)?.double }
    // Numbers that count up, as years do, may be names.
    let counts = zip(numbers, numbers.dropFirst()).allSatisfy { $0 != nil && $1 == $0! + 1 }
    if !counts || first.cells.count == 1, numbers.allSatisfy({ $0 != nil }) {
      throw failure(
        "expected a header, found numbers alone",
        cure: "name the columns in the first line, or set header: false where there are none")
    }
    names = first.cells.enumerated().map { $1.isEmpty ? "\($0 + 1)" : $1 }
    var seen: [String: Int] = [:]
    for (place, name) in names.enumerated() {
      if let twin = seen.updateValue(place, forKey: name) {
        throw failure(
          "expected distinct column names, found '\(name)' for columns \(twin + 1) and \(place + 1)",
          cure: "rename one of them")
      }
    }
    scanner = first.behind
  }

  /// The next record, and where the one behind it begins; nil at the end of the file. The scanner stays where it is.
  private static func record(
    _ source: inout CSVBytes, _ scanner: inout ct_scanner
  ) throws -> (cells: [String], line: Int, fault: String?, behind: ct_scanner)? {
    while true {
      let isLast = source.isAtEnd
      var probe = scanner
      probe.columns = 1
      let counted = CSVPiece(source.bytes, count: source.count, &probe, isLast: isLast, most: 1)
      if counted.count == 1 {
        var behind = scanner
        let isWider = Int(counted.faults[0]) == CT_CELLS
        behind.columns = isWider ? counted.details[0] : 1
        let record = CSVPiece(source.bytes, count: source.count, &behind, isLast: isLast, most: 1)
        let cells = (0..<Int(behind.columns)).map {
          TextCells(bytes: record.bytes, bounds: record.bounds, first: 2 * $0, count: 1)[0]
        }
        let chunk = record.chunk(0..<1, columns: [], of: Int(behind.columns), names: [], path: source.path)
        return (cells, record.lines[0], chunk.faults.first?.reason, behind)
      }
      if isLast { return nil }
      try source.requireShortRecord(from: scanner.position, line: Int(scanner.line))
      _ = try source.refill(from: &scanner.position)
    }
  }
}
