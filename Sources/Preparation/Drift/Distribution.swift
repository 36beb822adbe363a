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
    let bounds = bounds ?? []
    var counts = [Int](repeating: 0, count: bounds.count + 1)
    bounds.withUnsafeBufferPointer { bounds in
      counts.withUnsafeMutableBufferPointer { counts in
        values.forEachBlock { block in
          // Eight side by side, without a branch: no processor foresees where values lie.
          for start in stride(from: 0, to: block.count, by: 8) {
            let some = min(8, block.count - start)
            var values = SIMD8<Double>(repeating: 0)
            for lane in 0..<some { values[lane] = block[start + lane] }
            var bins = SIMD8<Int64>(repeating: 0)
            for bound in bounds { bins.replace(with: bins &+ 1, where: values .>= bound) }
            for lane in 0..<some { counts[Int(bins[lane])] += 1 }
          }
        }
      }
    }
    return counts
  }
}
