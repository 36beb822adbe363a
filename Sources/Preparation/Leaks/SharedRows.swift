import Diagnostics
import Host

/// Rows of validation or test that training rows are equal to, where these are more than chance makes.
struct SharedRows {
  /// A line for validation and one for test.
  let findings: [String]

  /// Rows at a time, of all cores together, and of one of them at most: a hash each is held.
  private static let rowsAtOnce = 1 << 20
  private static let block = 1 << 16
  /// Rows of validation, and of test, that are looked at: the first ones.
  private static let most = 1 << 20

  /// `features` are the columns that chance is told by; `hashes` are those of the targets as well.
  init(_ divided: DividedTable, _ hashes: RowHashes, features: [ColumnRequest], _ team: CoreTeam) throws {
    // Memory is that of the rows that are looked at, however many there are to train on.
    var looked: [[(hash: UInt64, row: Int)]] = Part.allCases.map { _ in [] }
    try Self.forEach(divided, hashes, team, of: { $0 != .train }) { hash, row, part in
      let place = Int(part.rawValue)
      if looked[place].count < Self.most { looked[place].append((hash, row)) }
    }
    guard looked.contains(where: { !$0.isEmpty }) else {
      findings = []
      return
    }
    var known = HashTable(capacity: looked.reduce(0) { $0 + $1.count })
    for rows in looked { for (hash, _) in rows { known.insert(hash) } }
    var twins: [UInt64: Int] = [:]
    try Self.forEach(divided, hashes, team, of: { $0 == .train }, where: known.contains) { hash, row, _ in
      if twins[hash] == nil { twins[hash] = row }
    }
    guard !twins.isEmpty else {
      findings = []
      return
    }
    let (chance, training) = (try ChanceTwins(divided, features, team), divided.count(of: .train))
    findings = [Part.validation, .test].compactMap { part in
      let rows = looked[Int(part.rawValue)]
      let shared = rows.filter { twins[$0.hash] != nil }
      let expected = chance.expected(of: rows.count, among: training)
      guard let first = shared.first, let twin = twins[first.hash], ChanceTwins.isMore(shared.count, than: expected)
      else { return nil }
      let (place, other) = (divided.table.place(of: first.row), divided.table.place(of: twin))
      return
        "\(grouped(shared.count)) of \(grouped(rows.count)) \(part) rows are training rows as well, where chance makes about "
        + "\(grouped(Int(expected.rounded()))): \(place) is \(other); delete duplicates, or split by hash of what they share"
    }
  }

  /// Gives `body` the rows of the parts that are wanted, whose hash is wanted too, in their order.
  private static func forEach(
    _ divided: DividedTable, _ hashes: RowHashes, _ team: CoreTeam, of isWanted: (Part) -> Bool,
    where isWantedHash: (UInt64) -> Bool = { _ in true },
    _ body: (UInt64, Int, Part) -> Void
  ) throws {
    let count = divided.table.count
    let block = max(1, min(Self.block, rowsAtOnce / team.count))
    for first in stride(from: 0, to: count, by: block * team.count) {
      let blocks = try team.map(team.count) { place in
        let start = min(first + place * block, count)
        let rows = (start..<min(start + block, count)).filter { isWanted(divided.parts[$0]) }
        return zip(hashes[rows], rows).filter { isWantedHash($0.0) }
      }
      SignsOfLife.note()
      for (hash, row) in blocks.joined() { body(hash, row, divided.parts[row]) }
    }
  }
}

/// A hash of each row's values in some columns, which are read where they lie: equal rows have equal ones.
struct RowHashes {
  private let table: CollectedTable
  private let columns: [ColumnRequest]
  /// Of each column's words.
  private let words: [[UInt64]]

  init(_ table: CollectedTable, _ columns: [ColumnRequest]) {
    (self.table, self.columns) = (table, columns)
    words = columns.map { table.words(of: $0).map(TextHash.hash) }
  }

  /// Of rows by their numbers, a hash each.
  subscript(rows: some RandomAccessCollection<Int>) -> [UInt64] {
    [UInt64](unsafeUninitializedCapacity: rows.count) { hashes, count in
      count = rows.count
      hashes.initialize(repeating: 0)
      for (column, words) in zip(columns, words) { add(column, words, of: rows, to: hashes) }
    }
  }

  /// Adds a column to the hashes of rows.
  private func add(
    _ column: ColumnRequest, _ words: [UInt64], of rows: some RandomAccessCollection<Int>,
    to hashes: UnsafeMutableBufferPointer<UInt64>
  ) {
    func add(_ word: UInt64, _ place: Int) { hashes[place] = Self.mix(hashes[place] &* 31 &+ word) }
    switch table.columns[column]! {
    case .numbers(let values):
      values.withUnsafeBufferPointer { all in
        for (place, row) in rows.enumerated() { add(all[row].isNaN ? 1 : all[row].bitPattern, place) }
      }
    case .codes(let codes, _):
      codes.withUnsafeBufferPointer { all in
        for (place, row) in rows.enumerated() { add(all[row] < 0 ? 1 : words[Int(all[row])], place) }
      }
    case .texts(let texts):
      for (place, row) in rows.enumerated() { add(texts[row].map(TextHash.hash) ?? 1, place) }
    case .instants(let values):
      values.withUnsafeBufferPointer { all in
        for (place, row) in rows.enumerated() { add(UInt64(bitPattern: all[row]), place) }
      }
    case .vectors(let values, let width):
      values.withUnsafeBufferPointer { all in
        for (place, row) in rows.enumerated() {
          for x in all[row * width..<(row + 1) * width] { add(x.isNaN ? 1 : x.bitPattern, place) }
        }
      }
    }
  }

  /// The finaliser of SplitMix64 (Steele, Lea, Flood 2014).
  private static func mix(_ word: UInt64) -> UInt64 {
    var z = word
    z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
    return z ^ z >> 31
  }
}
