import Diagnostics

/// A column of lines of JSON.
package struct JSONField: Sendable {
  package let name: String
  let type: RawType
  /// How many numbers a vector has; 1 elsewhere.
  let width: Int
  /// Why the column cannot be read; nil where it can.
  package var refusal: Refusal?

  package struct Refusal: Sendable {
    /// What was expected, and what was found.
    package let fault: String
    /// The line of the first such value.
    let place: String

    func failure(of column: String) -> Failure {
      Failure(
        .badData, at: place, "column '\(column)': \(fault)",
        cure: "write what is in it as columns of their own, or leave the column out")
    }
  }
}

/// What columns lines of JSON have, as the first of them tell.
package struct JSONLinesProbe {
  /// Bytes of lines that are looked at in a file, at most.
  private static let mostBytes = 64 << 20

  private let rows: Int
  private var tallies: [Tally] = []
  private var places: [String: Int] = [:]
  /// The first line that is no row, and why.
  private var fault: (place: String, fault: JSONFault)?

  /// All columns of the first `rows` rows of each of the files, in the order in which they appear.
  ///
  /// A column is of the type that most of its values have, numbers before booleans before texts before vectors where two are
  /// as many; of texts where it has no value.
  ///
  /// Throws a missing input (66) where one of the files is not there, and bad data (65) where none of the rows is an object.
  package static func fields(of paths: [String], rows: Int) throws(Failure) -> [JSONField] {
    var probe = JSONLinesProbe(rows: rows)
    for path in paths { try probe.look(at: path) }
    guard !probe.tallies.isEmpty else { throw probe.noFields(paths.first) }
    return probe.tallies.map(\.field)
  }

  private init(rows: Int) { self.rows = rows }

  private mutating func look(at path: String) throws(Failure) {
    let lines = try LineReader(path)
    var count = 0
    while count < rows, lines.bytesGiven < Self.mostBytes, let line = try lines.next() {
      var cursor = JSONCursor(line)
      guard cursor.beginsRow(line: lines.number) else { continue }
      count += 1
      let place = "\(path):\(lines.number)"
      do throws(JSONFault) {
        for (name, kind) in try cursor.kinds() { note(name, kind, place) }
      } catch {
        fault = fault ?? (place, error)
      }
    }
  }

  private mutating func note(_ name: String, _ kind: JSONKind, _ place: String) {
    let index = places[name] ?? tallies.count
    if index == tallies.count {
      places[name] = index
      tallies.append(Tally(name: name))
    }
    tallies[index].note(kind, place)
  }

  private func noFields(_ path: String?) -> Failure {
    guard let (place, fault) = fault else {
      return Failure(
        .badData, at: path, "expected an object of JSON a line, with at least one key, found none",
        cure: "check that this is the right file")
    }
    let isList = fault.reason.hasSuffix("found '['")
    return Failure(
      .badData, at: place, "expected an object of JSON a line: \(fault.reason)",
      cure: isList ? "write the objects of a list as lines (jq -c '.[]')" : "check that this is the right file")
  }
}

/// How often a column has values of each kind.
private struct Tally {
  let name: String
  private var (integers, fractions, booleans, texts, nested, lists) = (0, 0, 0, 0, 0, 0)
  /// By their widths.
  private var vectors: [Int: Int] = [:]
  /// Where the first value was that has no place in a column.
  private var nestedPlace = ""

  init(name: String) { self.name = name }

  mutating func note(_ kind: JSONKind, _ place: String) {
    switch kind {
    case .null: break
    case .integer: integers += 1
    case .number: fractions += 1
    case .boolean: booleans += 1
    case .text: texts += 1
    case .vector(let width): vectors[width, default: 0] += 1
    case .object, .list:
      if nested == 0 { nestedPlace = place }
      nested += 1
      if kind == .list { lists += 1 }
    }
  }

  var field: JSONField {
    let counts = [integers + fractions, booleans, texts, vectors.values.reduce(0, +), nested]
    let most = counts.max() ?? 0
    guard most > 0 else { return JSONField(name: name, type: .text, width: 1) }
    switch counts.firstIndex(of: most) {
    case 0: return JSONField(name: name, type: fractions == 0 ? .integer : .number, width: 1)
    case 1: return JSONField(name: name, type: .boolean, width: 1)
    case 2: return JSONField(name: name, type: .text, width: 1)
    case 3:
      let width = vectors.min { ($1.value, $0.key) < ($0.value, $1.key) }?.key ?? 1
      return JSONField(name: name, type: .vector, width: width)
    default: return JSONField(name: name, type: .text, width: 1, refusal: refusal)
    }
  }

  private var refusal: JSONField.Refusal {
    let found = lists > 0 ? "a list of other things" : "an object"
    return JSONField.Refusal(
      fault: "expected a number, true or false, a text or a list of numbers, found \(found)", place: nestedPlace)
  }
}

extension JSONCursor {
  /// Goes to the first byte of a row; false where the line is blank.
  mutating func beginsRow(line: Int) -> Bool {
    // A byte order mark.
    if line == 1, bytes.count >= 3, bytes[0] == 0xef, bytes[1] == 0xbb, bytes[2] == 0xbf { place = 3 }
    skipBlanks()
    return !isAtEnd
  }

  /// Throws where there is anything behind the row.
  mutating func endRow() throws(JSONFault) {
    skipBlanks()
    guard isAtEnd else { throw unexpected("the end of the line") }
  }

  func requireUTF8() throws(JSONFault) {
    guard isUTF8(bytes) else { throw JSONFault(reason: "expected UTF-8, found other bytes") }
  }

  /// The keys of a row, each with the kind of its value, in their order.
  fileprivate mutating func kinds() throws(JSONFault) -> [(String, JSONKind)] {
    try requireUTF8()
    try expect(JSONByte.openBrace, "an object")
    var kinds: [(String, JSONKind)] = []
    var known: Set<String> = []
    skipBlanks()
    if !take(JSONByte.closeBrace) {
      repeat {
        skipBlanks()
        var key: [UInt8] = []
        try text(appendingTo: &key)
        let name = String(decoding: key, as: UTF8.self)
        guard known.insert(name).inserted else {
          throw JSONFault(column: name, reason: "expected the key once, found it twice")
        }
        skipBlanks()
        try expect(JSONByte.colon, "':'")
        skipBlanks()
        kinds.append((name, try skipValue(levels: 1)))
        skipBlanks()
      } while take(JSONByte.comma)
      try expect(JSONByte.closeBrace, "',' or '}'")
    }
    try endRow()
    return kinds
  }
}
