/// Metrics by the values of a column: for whom a model is worse.
public struct Slices: Codable, Equatable, Sendable {
  /// The rows that have a value.
  public struct Slice: Codable, Equatable, Sendable {
    public let value: String
    public let rows: Int
    /// Whether there are so few that figures tell little.
    public let isSmall: Bool
    public let judgement: Judgement

    private enum CodingKeys: String, CodingKey {
      case value, rows, judgement
      case isSmall = "is-small"
    }
  }

  public let column: String
  /// From the largest on, those of equal size by their values' bytes; of values that have an order, in that.
  public let slices: [Slice]
  /// How many more values there are, which were left out, and their rows.
  public let omitted: Int
  public let omittedRows: Int

  /// Rows below which a slice is small.
  public static let small = 30
  /// Values that are looked at, if nothing else is said.
  public static let usualMost = 20

  /// - Parameters:
  ///   - codes: the place of each row's value in `values`; below 0 where it is missing, which is a slice of its own, `missing`.
  ///   - other: what somebody else says of the same rows, as a baseline does.
  public init(
    _ column: String, codes: [Int32], values: [String], of rows: JudgedRows, beside other: JudgedRows? = nil,
    judge: Judge, most: Int = Self.usualMost, isOrdered: Bool = false
  ) {
    precondition(codes.count == rows.count, "expected \(rows.count) codes, found \(codes.count)")
    var places = [[Int32]](repeating: [], count: values.count + 1)
    for (place, code) in codes.enumerated() { places[code < 0 ? values.count : Int(code)].append(Int32(place)) }
    let names = values + ["missing"]
    let found = places.indices.filter { !places[$0].isEmpty }.sorted { a, b in
      if isOrdered { return a < b }
      let (own, its) = (places[a].count, places[b].count)
      return own == its ? names[a].utf8.lexicographicallyPrecedes(names[b].utf8) : own > its
    }
    self.column = column
    slices = found.prefix(most).map { number in
      let selected = places[number]
      return Slice(
        value: names[number], rows: selected.count, isSmall: selected.count < Self.small,
        judgement: judge.judge(rows.selecting(selected), beside: other?.selecting(selected)))
    }
    omitted = max(0, found.count - most)
    omittedRows = found.dropFirst(most).reduce(0) { $0 + places[$1].count }
  }

  /// By a column of as many rows.
  public init(_ column: SliceColumn, of rows: JudgedRows, beside other: JudgedRows? = nil, judge: Judge) {
    self.init(
      column.name, codes: column.codes, values: column.values, of: rows, beside: other, judge: judge,
      isOrdered: column.isOrdered)
  }
}
