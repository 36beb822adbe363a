import Diagnostics

/// In how many rows terms are.
struct TermCounts {
  private(set) var counts: [String: Int] = [:]
  /// Rows so far.
  private(set) var rows = 0
  /// What the terms take, about.
  private(set) var byteCount = 0

  /// A row's terms; those that stand twice count once.
  mutating func add(_ terms: [String]) {
    rows += 1
    for term in Set(terms) where counts.updateValue((counts[term] ?? 0) + 1, forKey: term) == nil {
      byteCount += term.utf8.count + 80
    }
  }

  /// The terms of most rows, `limit` at most, those of equally many by their bytes; in the order of their bytes.
  func most(_ limit: Int, minFrequency: Int) -> [String] {
    func precedes(_ a: String, _ b: String) -> Bool { a.utf8.lexicographicallyPrecedes(b.utf8) }
    let known = counts.filter { $0.value >= minFrequency }
    let chosen =
      known.count <= limit
      ? Array(known.keys)
      : known.sorted { $0.value != $1.value ? $0.value > $1.value : precedes($0.key, $1.key) }.prefix(limit).map(\.key)
    return chosen.sorted(by: precedes)
  }
}

/// Where terms stand in what was fitted.
struct TermPlaces {
  let all: [String]
  private let places: [String: Int]

  /// Throws bad data where there are none, or one stands twice.
  init(_ fitted: FittedColumn) throws {
    all = fitted.words["terms"] ?? []
    guard !all.isEmpty, Set(all).count == all.count else {
      throw Failure(.badData, "expected distinct terms in what was fitted", cure: "use another checkpoint")
    }
    places = Dictionary(uniqueKeysWithValues: zip(all, all.indices))
  }

  subscript(term: String) -> Int? { places[term] }
}
