import Diagnostics

/// What would make a model look better than it is, found in a divided table.
struct LeakCheck {
  /// What is done about it.
  enum Action: String, CaseIterable, Sendable { case stop, warn, off }

  /// A line each; empty where nothing was found.
  let findings: [String]

  init(_ divided: DividedTable, _ settings: TableSettings) {
    let columns = settings.columns.map(\.request)
    findings =
      Self.sharedRows(divided, columns + settings.targetRequests)
      + columns.compactMap { TellingColumn($0, settings.targetRequests[0], divided)?.finding }
  }

  /// Rows of validation or test that training rows are equal to, in tables whose rows mostly differ: elsewhere it is chance.
  private static func sharedRows(_ divided: DividedTable, _ columns: [ColumnRequest]) -> [String] {
    let hashes = RowHashes(divided.table, columns).hashes
    var training = hashes.indices.filter { divided.parts[$0] == .train }.map { hashes[$0] }
    training.sort()
    let distinct = zip(training, training.dropFirst()).count { $0 != $1 } + 1
    guard 2 * distinct > training.count else { return [] }
    func isKnown(_ hash: UInt64) -> Bool {
      var (low, high) = (0, training.count)
      while low < high {
        let middle = (low + high) / 2
        if training[middle] < hash { low = middle + 1 } else { high = middle }
      }
      return low < training.count && training[low] == hash
    }
    return [Part.validation, .test].compactMap { part in
      let shared = hashes.indices.filter { divided.parts[$0] == part && isKnown(hashes[$0]) }
      guard let row = shared.first,
        let twin = hashes.indices.first(where: { divided.parts[$0] == .train && hashes[$0] == hashes[row] })
      else { return nil }
      let (place, other) = (divided.table.place(of: row), divided.table.place(of: twin))
      return "\(grouped(shared.count)) of \(grouped(divided.count(of: part))) \(part) rows are training rows as well: "
        + "\(place) is \(other); delete duplicates, or split by hash of what they share"
    }
  }
}

/// A hash of each row's values in some columns: equal rows have equal ones.
struct RowHashes {
  let hashes: [UInt64]

  init(_ table: CollectedTable, _ columns: [ColumnRequest]) {
    var hashes = [UInt64](repeating: 0, count: table.count)
    for column in columns {
      let words = table.words(of: column).map(TextHash.hash)
      for start in stride(from: 0, to: table.count, by: 1 << 16) {
        let rows = start..<min(start + 1 << 16, table.count)
        let values = table.values(of: column, rows)
        for (place, row) in rows.enumerated() {
          hashes[row] = Self.mix(hashes[row] &* 31 &+ Self.word(values, place, words))
        }
      }
    }
    self.hashes = hashes
  }

  private static func word(_ values: CodedColumn, _ row: Int, _ words: [UInt64]) -> UInt64 {
    switch values {
    case .numbers(let numbers): numbers[row].isNaN ? 1 : numbers[row].bitPattern
    case .codes(let codes): codes[row] < 0 ? 1 : words[Int(codes[row])]
    case .texts(let texts): texts[row].map(TextHash.hash) ?? 1
    case .instants(let instants): UInt64(bitPattern: instants[row])
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
