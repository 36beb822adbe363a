import Tables
import Tensors

/// How a column's values are distributed among training rows: the share of rows in each bin.
///
/// The bins of numbers, and of points in time in microseconds, are between nine deciles; words have one each, those of most rows,
/// and share one behind them. The last bin is that of rows without a value.
package struct Distribution: Sendable, Equatable, Codable {
  /// Ascending; a bin holds values from its bound on and below the next.
  package var bounds: [Double]?
  /// The least and the largest value.
  package var range: [Double]?
  package var words: [String]?
  package var shares: [Double]

  /// Numbers that deciles are taken of, at most.
  private static let sample = 1 << 16
  /// Words that have a bin of their own, at most.
  private static let mostWords = 100

  /// nil for columns of texts and of several numbers a row, and such without values.
  init?(_ column: TrainingColumn, _ storage: ColumnStorage) {
    let rows = Double(max(1, column.count))
    switch storage {
    case .numbers: self.init(of: column.numbers, rows: rows)
    case .instants: self.init(of: column.instants, rows: rows)
    case .words: self.init(of: column.words, rows: rows)
    case .texts, .vectors: return nil
    }
  }

  private init?(of all: [(word: String, count: Int)], rows: Double) {
    guard !all.isEmpty else { return nil }
    let kept = all.indices.sorted { (all[$1].count, $0) < (all[$0].count, $1) }.prefix(Self.mostWords).sorted()
    let known = all.reduce(0) { $0 + $1.count }
    let own = kept.map { all[$0].count }
    words = kept.map { all[$0].word }
    shares = own.map { Double($0) / rows } + [Double(known - own.reduce(0, +)) / rows, (rows - Double(known)) / rows]
  }

  private init?(of values: NumberStream, rows: Double) {
    guard let (least, largest) = Statistics.range(of: values) else { return nil }
    let step = (values.count + Self.sample - 1) / Self.sample
    var (sample, next, start) = ([Double](), 0, 0)
    values.forEachBlock { block in
      while next < start + block.count {
        sample.append(block[next - start])
        next += step
      }
      start += block.count
    }
    let deciles = Statistics.quantiles((1...9).map { Double($0) / 10 }, of: NumberStream(sample))
    (bounds, range) = (deciles, [least, largest])
    shares = []
    shares = counts(of: values).map { Double($0) / rows } + [(rows - Double(values.count)) / rows]
  }

  /// How many values each bin holds, that of missing ones left out.
  func counts(of values: NumberStream) -> [Int] {
    var counts = [Int](repeating: 0, count: (bounds?.count ?? 0) + 1)
    values.forEachBlock { add($0, to: &counts) }
    return counts
  }

  /// Adds to the bins how many numbers of a block each holds; NaN is in none.
  func add(_ block: UnsafeBufferPointer<Double>, to counts: inout [Int]) {
    // A bin has what reaches its bound, but for what reaches the next.
    var (bin, reached) = (0, Self.count(block, from: -.infinity))
    for bound in bounds ?? [] {
      let further = Self.count(block, from: bound)
      counts[bin] += reached - further
      (reached, bin) = (further, bin + 1)
    }
    counts[bin] += reached
  }

  /// How many numbers there are of at least `bound`, four at a time: of one by one the compiler makes jumps, eleven times as slow.
  private static func count(_ block: UnsafeBufferPointer<Double>, from bound: Double) -> Int {
    let (all, bytes) = (SIMD4(repeating: bound), UnsafeRawBufferPointer(block))
    var (found, place) = (SIMD4<Int64>.zero, 0)
    while place + 4 <= block.count {
      let four = bytes.loadUnaligned(fromByteOffset: place * MemoryLayout<Double>.stride, as: SIMD4<Double>.self)
      found.replace(with: found &+ 1, where: all .<= four)
      place += 4
    }
    return block[place...].reduce(Int(found.wrappedSum())) { $0 + (bound <= $1 ? 1 : 0) }
  }
}
