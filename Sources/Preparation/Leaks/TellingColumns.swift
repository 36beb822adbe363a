import Diagnostics
import Tensors

/// Columns that tell a target of nearly all training rows by themselves: mostly something that is known only afterwards.
struct TellingColumns {
  /// Training rows that are looked at: the first ones.
  private static let rows = 20_000
  /// The share of rows whose class, or of a number's variance, that a column must tell.
  private static let share = 0.995

  private let table: CollectedTable
  private let places: [Int]
  /// Of each target its name and its values in these rows.
  private let targets: [(name: String, values: CodedColumn)]

  init(_ divided: DividedTable, _ settings: TableSettings) {
    table = divided.table
    let places = Array(divided.parts.indices.lazy.filter { divided.parts[$0] == .train }.prefix(Self.rows))
    self.places = places
    targets = settings.targetRequests.map { ($0.name, divided.table.values(of: $0, places)) }
  }

  /// A line for each target that the column tells.
  func findings(_ column: ColumnRequest) -> [String] {
    switch table.columns[column]! {
    case .numbers, .codes: break
    // They are not compared, and copies of them may be large.
    case .texts, .instants, .vectors: return []
    }
    guard places.count >= 100 else { return [] }
    let values = table.values(of: column, places)
    return targets.compactMap { target in
      guard let told = told(by: values, of: target.values), told >= Self.share else { return nil }
      let kind = if case .codes = target.values { "the class" } else { "the variance" }
      let what = targets.count == 1 ? kind : "\(kind) of '\(target.name)'"
      return
        "column '\(column.name)' alone tells \(what) of \(fixed(100 * told, 1)) % of training rows: leave it out if it is not "
        + "known yet when rows are predicted"
    }
  }

  /// The share of the rows whose target the values tell; nil where that is chance.
  private func told(by values: CodedColumn, of targets: CodedColumn) -> Double? {
    let rows = Array(places.indices)
    switch (values, targets) {
    case (.numbers(let numbers), .numbers(let targets)): return Self.correlation(rows, numbers, targets)
    case (.numbers(let numbers), .codes(let classes)):
      let order = rows.filter { !numbers[$0].isNaN }.sorted { (numbers[$0], $0) < (numbers[$1], $1) }
      return Self.runs(of: order.map { (numbers[$0], classes[$0]) }, of: rows.count)
    case (.codes(let words), .codes(let classes)): return Self.majorities(rows, words, classes)
    default: return nil
    }
  }

  /// The square of Pearson's coefficient.
  private static func correlation(_ rows: [Int], _ x: [Double], _ y: [Double]) -> Double? {
    let pairs = rows.filter { !x[$0].isNaN && !y[$0].isNaN }
    guard 2 * pairs.count > rows.count else { return nil }
    let (a, b) = (Statistics.moments(pairs.map { x[$0] }), Statistics.moments(pairs.map { y[$0] }))
    guard a.deviation > 0, b.deviation > 0 else { return nil }
    let products = pairs.map { (x[$0] - a.mean) / a.deviation * ((y[$0] - b.mean) / b.deviation) }
    let r = Statistics.moments(products).mean
    return r * r
  }

  /// Of numbers in ascending order with their classes, the share of rows that a threshold for each run of a class would get
  /// right; nil where there are about as many runs as chance makes.
  private static func runs(of pairs: [(number: Double, class: Int32)], of rows: Int) -> Double? {
    guard 2 * pairs.count > rows, pairs[0].number < pairs.last!.number else { return nil }
    var (changes, mixed) = (0, 0)
    for (one, next) in zip(pairs, pairs.dropFirst()) where one.class != next.class {
      if one.number == next.number { mixed += 1 } else { changes += 1 }
    }
    // A few thresholds tell; as many as rows are learned by heart.
    guard changes > 0, changes <= 16 else { return nil }
    return 1 - Double(mixed) / Double(pairs.count)
  }

  /// The share of rows that have the most frequent class of their word; nil where that is chance.
  private static func majorities(_ rows: [Int], _ words: [Int32], _ classes: [Int32]) -> Double? {
    var counts: [Int64: Int] = [:]
    for row in rows { counts[Int64(words[row]) << 32 | Int64(UInt32(bitPattern: classes[row])), default: 0] += 1 }
    var (best, ofClasses) = ([Int64: Int](), [Int64: Int]())
    for (key, count) in counts {
      best[key >> 32] = max(best[key >> 32] ?? 0, count)
      ofClasses[key & 0xffff_ffff, default: 0] += count
    }
    // Words of a row or two are learned by heart, and most rows may be of one class anyway.
    guard 10 * best.count <= rows.count, let largest = ofClasses.values.max() else { return nil }
    let (told, usual) = (Double(best.values.reduce(0, +)) / Double(rows.count), Double(largest) / Double(rows.count))
    return 1 - told < 0.5 * (1 - usual) ? told : nil
  }
}
