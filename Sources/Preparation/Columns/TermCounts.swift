import Diagnostics

/// In how many rows terms are.
struct TermCounts {
  private var counts: [ExactText: Int] = [:]
  /// Rows so far.
  private(set) var rows = 0
  /// What the terms take, about.
  private(set) var byteCount = 0

  /// How many terms there are.
  var count: Int { counts.count }

  /// A row's terms; those that stand twice count once.
  mutating func add(_ terms: [String]) {
    rows += 1
    for term in Set(terms.map(ExactText.init))
    where counts.updateValue((counts[term] ?? 0) + 1, forKey: term) == nil {
      byteCount += term.text.utf8.count + 80
    }
  }

  /// In how many rows a term is.
  subscript(term: String) -> Int { counts[ExactText(term)] ?? 0 }

  /// The terms of most rows, `limit` at most, those of equally many by their bytes; in the order of their bytes.
  func most(_ limit: Int, minFrequency: Int) -> [String] {
    func precedes(_ a: String, _ b: String) -> Bool { a.utf8.lexicographicallyPrecedes(b.utf8) }
    let known = counts.filter { $0.value >= minFrequency }
    func comesFirst(_ a: (key: ExactText, value: Int), _ b: (key: ExactText, value: Int)) -> Bool {
      a.value != b.value ? a.value > b.value : precedes(a.key.text, b.key.text)
    }
    let chosen =
      known.count <= limit ? Array(known.keys) : known.sorted(by: comesFirst).prefix(limit).map(\.key)
    return chosen.map(\.text).sorted(by: precedes)
  }
}

/// Where terms stand in what was fitted.
struct TermPlaces {
  let all: [String]
  private let places: [ExactText: Int]

  /// Throws bad data where there are none, or one stands twice.
  init(_ fitted: FittedColumn) throws {
    all = fitted.words["terms"] ?? []
    places = Dictionary(zip(all.map(ExactText.init), all.indices), uniquingKeysWith: { first, _ in first })
    guard !all.isEmpty, places.count == all.count else {
      throw Failure(.badData, "expected distinct terms in what was fitted", cure: "use another checkpoint")
    }
  }

  subscript(term: String) -> Int? { places[ExactText(term)] }
}
