import CKernels
import Tensors

// N samples, F features of a sample, C channels; entry: a feature or a channel, n numbers share one.
extension Standardisation {
  /// Means and population deviations (divided by n, not n - 1) of the features of `dataset`.
  ///
  /// A function of the data alone, the same bits on every host: bytes are summed exactly in integers, floats in double
  /// precision, in blocks of 1024 samples that are added along a fixed binary tree. Of samples that are decoded, many large ones
  /// stand for all: see `decodedSamples`. Wide columns are summed as they were
  /// read, and their means kept in double precision.
  package init(from dataset: Dataset, per granularity: Granularity) {
    precondition(dataset.count > 0, "\(dataset.source) has no samples")
    let entries = Self.entries(dataset.shape, granularity)
    let (means, deviations) =
      switch dataset.features {
      case .bytes(let data): Self.statistics(of: data, width: dataset.shape.count, entries: entries)
      case .floats(let data):
        data.withUnsafeBufferPointer { Self.statistics(of: $0, width: dataset.shape.count, entries: entries) }
      case .mapped(let data):
        data.withUnsafeBufferPointer { Self.statistics(of: $0, width: dataset.shape.count, entries: entries) }
      case .decoded(let samples): Self.statistics(of: samples, entries: entries)
      case .windows: preconditionFailure("\(dataset.source): tokens cannot be standardised")
      }
    var (wideMeans, wideDeviations) = ([Int: Double](), deviations)
    if entries == dataset.shape.count {
      for (place, column) in dataset.wide.values {
        let (mean, deviation) = Statistics.moments(column)
        (wideMeans[place], wideDeviations[place]) = (mean, deviation)
      }
    }
    self.init(checked: means.map { Float($0) }, wideDeviations.map { Float($0) }, granularity, wideMeans: wideMeans)
  }

  /// Exact up to the last rounding: n·Σx² - (Σx)² is an integer.
  private static func statistics(of data: [UInt8], width: Int, entries: Int) -> ([Double], [Double]) {
    let block = Int(CK_BYTE_SUM_ROWS)
    let rows = data.count / width
    var (sums, squares) = ([UInt64](repeating: 0, count: entries), [UInt64](repeating: 0, count: entries))
    for start in stride(from: 0, to: rows, by: block) {
      var (part, partSquares) = ([UInt32](repeating: 0, count: width), [UInt32](repeating: 0, count: width))
      data.withUnsafeBufferPointer {
        ck_add_byte_sums($0.baseAddress! + start * width, min(block, rows - start), width, &part, &partSquares)
      }
      for f in 0..<width {
        sums[f % entries] += UInt64(part[f])
        squares[f % entries] += UInt64(partSquares[f])
      }
    }
    let n = UInt128(data.count / entries)
    let deviations = zip(sums, squares).map { (sum: UInt64, square: UInt64) -> Double in
      let scaled: UInt128 = n * UInt128(square) - UInt128(sum) * UInt128(sum)
      return Double(scaled).squareRoot() / Double(n)
    }
    return (sums.map { Double($0) / Double(n) }, deviations)
  }

  /// Two passes: Σ(x - x₀) for the mean, Σ(x - mean)² for the deviation.
  ///
  /// The first sample x₀ is taken off, so that a feature that never changes has a deviation of exactly zero.
  private static func statistics(
    of data: UnsafeBufferPointer<Float>, width: Int, entries: Int
  ) -> ([Double], [Double]) {
    let n = Double(data.count / entries)
    let first = (0..<width).map { Double(data[$0 % entries]) }
    let sums = columnSums(of: data, width: width, centre: first, ck_add_differences)
    let means = fold(sums, entries).enumerated().map { first[$0] + $1 / n }
    let centre = (0..<width).map { means[$0 % entries] }
    let squares = columnSums(of: data, width: width, centre: centre, ck_add_squared_differences)
    return (means, fold(squares, entries).map { ($0 / n).squareRoot() })
  }

  private typealias ColumnSum = (
    UnsafePointer<Float>?, Int, Int, UnsafePointer<Double>?, UnsafeMutablePointer<Double>?
  ) -> Void

  /// What `add` adds over the rows of `data`, for each of `width` columns: block by block, then along the tree.
  private static func columnSums(
    of data: UnsafeBufferPointer<Float>, width: Int, centre: [Double], _ add: ColumnSum
  ) -> [Double] {
    let rows = data.count / width
    var fold = StreamingFold<[Double]> { zip($0, $1).map { $0 + $1 } }
    for start in stride(from: 0, to: rows, by: block) {
      var sums = [Double](repeating: 0, count: width)
      add(data.baseAddress! + start * width, min(block, rows - start), width, centre, &sums)
      fold.add(sums)
    }
    return fold.total ?? []
  }

  /// Rows of a block.
  private static let block = 1024

  /// Sums of the columns that share an entry, in column order.
  static func fold(_ columns: [Double], _ entries: Int) -> [Double] {
    var sums = [Double](repeating: 0, count: entries)
    for (f, value) in columns.enumerated() { sums[f % entries] += value }
    return sums
  }
}
