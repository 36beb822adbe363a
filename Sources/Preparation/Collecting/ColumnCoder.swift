import Diagnostics
import Host
import Tables

/// Makes values of one column from what a file or a database has, some rows at a time.
package final class ColumnCoder {
  package let name: String
  package let storage: ColumnStorage
  /// The words so far, those that stand for a missing value among them.
  package let words: Words
  /// Where its words stand in vocabularies.
  package private(set) lazy var map = WordMap(words.all)
  let missing: Set<String>
  /// Bytes of the longest of them.
  private(set) lazy var longestMissing = missing.map(\.utf8.count).max() ?? -1
  /// How many numbers rows of several have; 0: the first row that has some tells.
  var width: Int
  /// For each code, up to the last one of `missing`, whether it is one of those.
  private let missingCodes: [Bool]
  /// Whether words that are not known are added; else they are unknown.
  private let adds: Bool
  /// Whether a cell that is no value is missing, and its row is used all the same: of columns that figures look at alone.
  var forgives = false

  /// - Parameters:
  ///   - missing: texts that stand for a missing value, the empty one among them or not.
  ///   - vocabulary: the words that are known, in their order, where others are unknown; nil: all are found out.
  ///   - width: how many numbers rows of several have; 0: the first row that has some tells.
  package init(
    _ name: String, _ storage: ColumnStorage, missing: Set<String>, vocabulary: [String]? = nil, width: Int = 0
  ) {
    (self.name, self.storage, self.missing, adds) = (name, storage, missing, vocabulary == nil)
    self.width = width
    let words = Words(vocabulary ?? [])
    self.words = words
    var missingCodes: [Bool] = []
    for text in storage == .words ? missing.sorted() : [] {
      guard let code = words.code(of: text, adds: true) else { continue }
      missingCodes += [Bool](repeating: false, count: max(0, Int(code) + 1 - missingCodes.count))
      missingCodes[Int(code)] = true
    }
    self.missingCodes = missingCodes
  }

  /// The values of a chunk's rows; tells `faults` of rows where they are none.
  package func code(_ column: RawColumn, _ faults: inout RowFaults) throws -> CodedColumn {
    guard forgives else { return try coded(column, &faults) }
    var own = faults
    return try coded(column, &own)
  }

  private func coded(_ column: RawColumn, _ faults: inout RowFaults) throws -> CodedColumn {
    switch storage {
    case .numbers: .numbers(numbers(column, &faults))
    case .words: .codes(try codes(column, faults.isIgnored))
    case .texts: .texts(texts(column))
    case .instants(let format): .instants(instants(column, format, &faults))
    case .vectors: .vectors(vectors(column, &faults))
    }
  }

  // MARK: Numbers

  private func numbers(_ column: RawColumn, _ faults: inout RowFaults) -> [Double] {
    var values: [Double]
    switch column.values {
    case .texts(let cells):
      let (found, others) = cells.numbers()
      values = found
      for (row, state) in others where column.isMissing.isEmpty || !column.isMissing[row] {
        let text = state == .empty ? "" : cells[row]
        if missing.contains(text) { continue }
        if let number = DecimalFloat.number(text.utf8)?.double {
          values[row] = number
          guard !number.isFinite else { continue }
          faults.add(row, name, "expected a finite number, found '\(text)'")
          if forgives { values[row] = .nan }
        } else {
          faults.add(row, name, "expected a number, found \(text.isEmpty ? "an empty cell" : "'\(text.prefix(40))'")")
          if forgives { values[row] = .nan }
        }
      }
    case .numbers(let numbers):
      values = numbers
      for row in values.indices where values[row].isInfinite {
        faults.add(row, name, "expected a finite number, found \(values[row])")
        if forgives { values[row] = .nan }
      }
    case .integers(let integers): values = integers.map(Double.init)
    case .booleans(let booleans): values = booleans.map { $0 ? 1 : 0 }
    case .days(let days): values = days.map(Double.init)
    case .instants(let instants): values = instants.map { Double($0) / 1e6 }
    case .vectors(_, let width):
      values = [Double](repeating: .nan, count: column.values.count)
      for row in values.indices { faults.add(row, name, "expected a number, found \(width) of them") }
    }
    for (row, isMissing) in column.isMissing.enumerated() where isMissing { values[row] = .nan }
    return values
  }

  // MARK: Words

  private func codes(_ column: RawColumn, _ isIgnored: [Bool]) throws -> [Int32] {
    let cells = column.texts
    // Words of rows that are not looked at take no room.
    var isMissing = column.isMissing
    if isMissing.isEmpty { isMissing = isIgnored }
    for (row, isOut) in isIgnored.enumerated() where isOut { isMissing[row] = true }
    guard var codes = words.codes(of: cells, isMissing: isMissing, adds: adds) else {
      throw Failure(
        .badData, at: "column '\(name)'", "expected at most \(grouped(Words.most)) different texts, found more",
        cure: "it may identify rows: leave it out of the columns")
    }
    for row in codes.indices {
      let code = codes[row]
      if code >= 0 {
        if code < missingCodes.count, missingCodes[Int(code)] { codes[row] = Code.missing }
      } else {
        codes[row] = !isMissing.isEmpty && isMissing[row] ? Code.missing : Code.unknown
      }
    }
    return codes
  }

  // MARK: Texts

  private func texts(_ column: RawColumn) -> [String?] {
    let cells = column.texts
    return (0..<cells.count).map { row in
      guard column.isMissing.isEmpty || !column.isMissing[row] else { return nil }
      let text = cells[row]
      return missing.contains(text) ? nil : text
    }
  }

  // MARK: Instants

  private func instants(_ column: RawColumn, _ format: DateFormat, _ faults: inout RowFaults) -> [Int64] {
    var values = [Int64](repeating: CodedColumn.missingInstant, count: column.values.count)
    func isMissing(_ row: Int) -> Bool { !column.isMissing.isEmpty && column.isMissing[row] }
    switch column.values {
    case .instants(let instants):
      for row in values.indices where !isMissing(row) {
        values[row] = instants[row]
        requireCalendar(instants[row] / 86_400_000_000, row, &faults)
      }
    case .days(let days):
      for row in values.indices where !isMissing(row) {
        requireCalendar(Int64(days[row]), row, &faults)
        values[row] = Int64(days[row]).multipliedReportingOverflow(by: 86_400_000_000).partialValue
      }
    default:
      let cells = column.texts
      cells.bytes.withUnsafeBufferPointer { bytes in
        for row in values.indices where !isMissing(row) {
          let range = cells.range(row)
          if let instant = format.instant(UnsafeBufferPointer(rebasing: bytes[range])) {
            values[row] = instant
          } else if !missing.contains(cells[row]) {
            let expected = format.pattern.map { "a date as \($0)" } ?? "a date in ISO 8601 (2026-11-24)"
            let text = cells[row]
            faults.add(
              row, name, "expected \(expected), found \(text.isEmpty ? "an empty cell" : "'\(text.prefix(40))'")")
          }
        }
      }
    }
    return values
  }
}

extension ColumnCoder {
  /// Tells of a date whose year has more than four digits.
  private func requireCalendar(_ days: Int64, _ row: Int, _ faults: inout RowFaults) {
    guard !(-719_528..<2_932_897).contains(days) else { return }
    faults.add(row, name, "expected a date of the years 0 to 9999, found one \(days) days after 1970-01-01")
  }
}

/// Why rows of a chunk cannot be used: the first reason of each.
package struct RowFaults {
  package private(set) var reasons: [Int: RowFault] = [:]
  /// For each row whether it is not looked at, whatever is wrong with it; empty: all are.
  private(set) var isIgnored: [Bool] = []

  package init(_ faults: [RowFault] = []) { for fault in faults { reasons[fault.row] = fault } }

  /// Those of another column: the first reason of each row stays.
  fileprivate mutating func add(_ others: RowFaults) { reasons.merge(others.reasons) { first, _ in first } }

  package mutating func add(_ row: Int, _ column: String?, _ reason: String) {
    guard isUsable(row) else { return }
    reasons[row] = RowFault(row: row, column: column, reason)
  }

  /// Whether nothing is wrong with a row so far, and it is looked at.
  package func isUsable(_ row: Int) -> Bool { reasons[row] == nil && (isIgnored.isEmpty || !isIgnored[row]) }

  /// From here on nothing is wrong with the rows for which it is true, nor was before: they are not looked at.
  package mutating func ignore(_ rows: [Bool]) {
    for (row, isOut) in rows.enumerated() where isOut { reasons[row] = nil }
    isIgnored = rows
  }

  /// Gives all rows that are not looked at a reason.
  package mutating func endIgnoring(_ reason: String) {
    for (row, isOut) in isIgnored.enumerated() where isOut { reasons[row] = RowFault(row: row, reason) }
    isIgnored = []
  }
}

extension TableChunk {
  /// What the coders make of the columns at `places`; adds the rows that cannot be used to `faults`. The cores of `team` share
  /// the columns, each of which knows of the faults that there were before alone, and so many other pieces of work, which come first.
  /// Rows of several numbers come last: only a row that nothing else is wrong with tells how many there are to be.
  func coded(
    by coders: [ColumnCoder], at places: [Int], _ team: CoreTeam, _ faults: inout RowFaults,
    besides others: Int = 0, _ other: (Int) throws -> Void = { _ in }
  ) throws -> [CodedColumn] {
    var coded = [CodedColumn?](repeating: nil, count: coders.count)
    let last = coders.indices.filter { coders[$0].storage == .vectors }
    for (round, wanted) in [coders.indices.filter { coders[$0].storage != .vectors }, last].enumerated() {
      guard round == 0 || !wanted.isEmpty else { continue }
      let before = faults
      let others = round == 0 ? others : 0
      let made = try team.map(others + wanted.count) { piece -> (values: CodedColumn, faults: RowFaults)? in
        guard piece >= others else {
          try other(piece)
          return nil
        }
        var own = before
        let column = wanted[piece - others]
        let values = try coders[column].code(columns[places[column]], &own)
        return (values, own)
      }
      for (column, result) in zip(wanted, made.dropFirst(others)) {
        coded[column] = result!.values
        faults.add(result!.faults)
      }
    }
    return coded.map { $0! }
  }
}

extension RawColumn {
  /// Its values as texts: whole numbers without a point, points in time in ISO 8601.
  var texts: TextCells {
    switch values {
    case .texts(let cells): cells
    case .numbers(let numbers): TextCells(numbers.map(shortest))
    case .integers(let integers): TextCells(integers.map { "\($0)" })
    case .booleans(let booleans): TextCells(booleans.map { $0 ? "true" : "false" })
    case .instants(let instants): TextCells(instants.map { CivilCalendar.text($0) })
    case .days(let days): TextCells(days.map { CivilCalendar.text(days: Int($0)) })
    case .vectors(let numbers, let width):
      TextCells((0..<numbers.count / width).map { "\(Array(numbers[$0 * width..<($0 + 1) * width]))" })
    }
  }
}
