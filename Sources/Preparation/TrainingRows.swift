import Diagnostics
import Files
import Host
import Tables
import Tensors

/// The rows that a model may be fitted to, and nothing else of a table: only a division can make it.
///
/// What is fitted takes a `TrainingColumn`, and that shows no other row, so that the compiler refuses statistics of rows that
/// a model is measured on.
public struct TrainingRows: Sendable {
  fileprivate let table: CollectedTable
  fileprivate let parts: [Part]
  /// How many.
  public let count: Int
  /// Bytes that words and terms of a column may take while it is fitted.
  let memory: Int
}

/// A table's rows, each in its part.
package struct DividedTable: Sendable {
  package let table: CollectedTable
  package let parts: [Part]
  private let memory: Int

  /// Divides the rows of a table, which the cores of `team` share; throws where none is left to train on. See
  /// `TrainingRows.memory`.
  package init(
    _ table: CollectedTable, by split: any Split, targets: [ColumnRequest], seed: UInt64, memory: Int, _ team: CoreTeam
  ) throws {
    (self.table, self.memory) = (table, memory)
    parts = try split.parts(of: SplitTable(table: table, targets: targets, team: team), seed: seed)
    precondition(
      parts.count == table.count, "\(type(of: split).kind) gave parts of \(parts.count) of \(table.count) rows")
    guard parts.contains(.train) else {
      throw Failure(
        .badData, at: table.sources.first, "expected rows to train on, found none of \(grouped(table.count))",
        cure: table.count > 0 ? "give smaller shares to validation and test" : "each is left out, or lacks a value")
    }
  }

  package var training: TrainingRows {
    TrainingRows(table: table, parts: parts, count: count(of: .train), memory: memory)
  }

  package func count(of part: Part) -> Int { parts.count { $0 == part } }

  /// Of each row's part, a byte each.
  package var digest: Digest {
    let hash = StreamingDigest()
    for start in stride(from: 0, to: parts.count, by: 1 << 16) {
      parts[start..<min(start + 1 << 16, parts.count)].map(\.rawValue).withUnsafeBytes { hash.update($0) }
    }
    return hash.finish()
  }
}

/// One column of the rows that a model may be fitted to.
public struct TrainingColumn {
  public let name: String
  private let column: ColumnRequest
  private let rows: TrainingRows
  private let mostHeld: Int

  /// - Parameter mostHeld: numbers that are held in memory while a column of them is fitted, at most; it changes nothing else.
  package init(_ column: ColumnRequest, of rows: TrainingRows, mostHeld: Int = 1 << 21) {
    (name, self.column, self.rows, self.mostHeld) = (column.name, column, rows, mostHeld)
  }

  /// How many rows, those without a value among them.
  public var count: Int { rows.count }

  /// A failure of this column's training values.
  public func failure(_ fault: String, cure: String) -> Failure {
    Failure(.badData, at: rows.table.sources.first, "column '\(name)': \(fault)", cure: cure)
  }

  /// Throws where two of the words are one to a reader, but have other bytes: composed and decomposed letters.
  func requireOneSpelling(_ words: [String]) throws {
    var seen: Set<String> = []
    guard let twin = words.first(where: { !seen.insert($0).inserted }) else { return }
    throw failure(
      "expected one spelling of each word, found '\(twin)' with composed and with decomposed letters",
      cure: "write the column in one form of Unicode (NFC)")
  }

  /// The numbers that there are, in the order of the rows: they may be more than memory holds.
  public var numbers: NumberStream {
    guard case .numbers(let values) = rows.table.columns[column]! else { return NumberStream([]) }
    return stream(of: values)
  }

  /// Of rows of several numbers, how many each has.
  public var width: Int {
    if case .vectors(_, let width) = rows.table.columns[column]! { width } else { 0 }
  }

  /// Of rows of several numbers, that at a place in each row that has some, in the order of the rows: they may be more than
  /// memory holds.
  public func numbers(at place: Int) -> NumberStream {
    guard case .vectors(let values, let width) = rows.table.columns[column]! else { return NumberStream([]) }
    precondition((0..<width).contains(place), "place \(place) is outside of 0..<\(width)")
    return stream(of: values, at: place, width: width)
  }

  /// The number that is farthest from 0, of all places of rows that have several.
  var largest: Double {
    let streams = width > 0 ? (0..<width).map(numbers(at:)) : [numbers]
    let ends: [Double] = streams.compactMap { Statistics.range(of: $0) }.flatMap { [$0.0, $0.1] }
    return ends.max { abs($0) < abs($1) } ?? 0
  }

  /// The points in time that there are, in microseconds since 1970-01-01 00:00 UTC, in the order of the rows.
  public var instants: NumberStream {
    guard case .instants(let values) = rows.table.columns[column]! else { return NumberStream([]) }
    return stream(of: values)
  }

  /// Gives `body` the texts that there are, in the order of the rows: they may be more than memory holds.
  public func forEachText(_ body: (String) throws -> Void) rethrows {
    guard case .texts(let texts) = rows.table.columns[column]! else { return }
    for (row, part) in rows.parts.enumerated() where part == .train { if let text = texts[row] { try body(text) } }
  }

  /// In how many rows the terms are that `terms` finds in a text; throws where memory does not hold them.
  func counts(of terms: (String) -> [String]) throws -> TermCounts {
    var counts = TermCounts()
    try forEachText { text in
      counts.add(terms(text))
      guard counts.byteCount > rows.memory else { return }
      throw failure(
        "expected terms that take at most \(grouped(rows.memory >> 20)) MiB, found \(grouped(counts.count)) that take more",
        cure: "share features by their hash (buckets), or raise memory")
    }
    return counts
  }

  /// The training rows' values, those left out that are missing: in memory where there are few, else read again in each pass.
  /// Where a row has `width` of them, those at `place`.
  private func stream<Value: OptionalNumber>(
    of values: MappedArray<Value>, at place: Int = 0, width: Int = 1
  ) -> NumberStream {
    let parts = rows.parts
    @Sendable func pass(_ body: (NumberStream.Block) -> Void) {
      withUnsafeTemporaryAllocation(of: Double.self, capacity: NumberStream.blockSize) { found in
        parts.withUnsafeBufferPointer { parts in
          values.forEachBlock { start, block in
            // Rows whose value lies in the block.
            let all = (start - place + width - 1) / width..<(start + block.count - place + width - 1) / width
            for first in stride(from: all.lowerBound, to: all.upperBound, by: NumberStream.blockSize) {
              let rows = first..<min(first + NumberStream.blockSize, all.upperBound)
              let count = Self.pick(
                block.baseAddress! + (first * width + place - start), every: width,
                UnsafeBufferPointer(rebasing: parts[rows]), into: found.baseAddress!)
              if count > 0 { body(NumberStream.Block(rebasing: found[..<count])) }
            }
          }
        }
      }
    }
    var (count, first, held): (Int, Double?, [Double]) = (0, nil, [])
    held.reserveCapacity(min(rows.count, mostHeld))
    pass { block in
      count += block.count
      first = first ?? block[0]
      if count <= mostHeld { held.append(contentsOf: block) }
    }
    return count == held.count ? NumberStream(held) : NumberStream(count: count, first: first, pass: pass)
  }

  /// Writes the values of training rows that there are to `found`; returns how many. There is a value for each of `parts`, which
  /// lie `step` apart.
  private static func pick<Value: OptionalNumber>(
    _ values: UnsafePointer<Value>, every step: Int, _ parts: UnsafeBufferPointer<Part>,
    into found: UnsafeMutablePointer<Double>
  ) -> Int {
    var (count, place) = (0, 0)
    for part in parts {
      // Always written, and counted or not: which rows are for training is by chance, and no processor foresees it.
      let number = values[place].number
      found[count] = number
      count &+= (part == .train ? 1 : 0) & (number.isNaN ? 0 : 1)
      place &+= step
    }
    return count
  }

  /// The words that there are and how often, by value where all are numbers, else by their UTF-8 bytes.
  public var words: [(word: String, count: Int)] {
    guard case .codes(let codes, let words) = rows.table.columns[column]! else { return [] }
    // Two in front of them: for what is not to be counted, and for what is missing.
    var all = [Int](repeating: 0, count: words.count + 2)
    rows.parts.withUnsafeBufferPointer { parts in
      codes.forEachBlock { start, block in
        for (place, code) in block.enumerated() { all[parts[start + place] == .train ? Int(code) + 2 : 0] += 1 }
      }
    }
    let counts = Array(all.dropFirst(2))
    // The order is that of these words alone, whatever stands in other rows.
    let own = counts.indices.filter { counts[$0] > 0 }
    return wordOrder(own.map { words[$0] }).map { (words[own[$0]], counts[own[$0]]) }
  }
}

/// What a column of numbers is kept as.
private protocol OptionalNumber: ArrayElement {
  /// NaN where there is none.
  var number: Double { get }
}

extension Double: OptionalNumber { var number: Double { self } }
extension Int64: OptionalNumber { var number: Double { self == CodedColumn.missingInstant ? .nan : Double(self) } }
