import CKernels
import Diagnostics
import Tensors

// S samples of a micro-batch, F features of a sample. Nothing here allocates: a training step calls it.
extension Standardisation: FittedTransform {
  public func gather(_ samples: UnsafeBufferPointer<Int>, of dataset: Dataset, into features: FloatView) {
    guard let rows = samples.baseAddress else { return }
    let (width, out) = (dataset.shape.count, features.base)
    precondition(fits(dataset.shape), "\(self) does not fit samples of shape \(dataset.shape)")
    switch dataset.features {
    case .windows: preconditionFailure("tokens cannot be standardised")
    case .bytes(let data):
      data.withUnsafeBufferPointer { data in
        withTables { mean, inverse, period in
          ck_gather_standardised_bytes(data.baseAddress, width, rows, samples.count, mean, inverse, period, out)
        }
      }
    case .floats(let data): data.withUnsafeBufferPointer { gather(samples, rows, $0, dataset, into: out) }
    case .mapped(let data): data.withUnsafeBufferPointer { gather(samples, rows, $0, dataset, into: out) }
    case .decoded:
      dataset.gatherRaw(samples, into: features)
      withTables { mean, inverse, period in
        ck_standardise(out, width, samples.count, mean, inverse, period)
      }
    }
  }

  private func gather(
    _ samples: UnsafeBufferPointer<Int>, _ rows: UnsafePointer<Int>, _ data: UnsafeBufferPointer<Float>,
    _ dataset: Dataset, into out: UnsafeMutablePointer<Float>
  ) {
    let width = dataset.shape.count
    withTables { mean, inverse, period in
      ck_gather_standardised_floats(data.baseAddress, width, rows, samples.count, mean, inverse, period, out)
    }
    for entry in wideEntries {
      let column = dataset.wide.values[entry.place]
      for (row, sample) in samples.enumerated() {
        let x = column?[sample] ?? Double(data[sample * width + entry.place])
        out[row * width + entry.place] = Float(x - entry.mean) * entry.inverse
      }
    }
  }

  public func apply(to features: FloatView, samples: Int) {
    guard samples > 0 else { return }
    withTables { mean, inverse, period in
      ck_standardise(features.base, features.count / samples, samples, mean, inverse, period)
    }
  }

  public var readsInDouble: Bool { true }
  public var wideColumns: Set<Int> { Set(wideMeans.keys) }

  /// `means` and `deviations`; where columns are wide, also `wide`, 1 for each of them and 0 for the others, and
  /// `mean-remainders`, what the means of wide columns are more than their floats.
  public var arrays: [FittedArray] {
    let remainders = wideRemainders
    let own = [FittedArray(Name.means, means), FittedArray(Name.deviations, deviations)]
    guard !remainders.isEmpty else { return own }
    return own + [
      FittedArray(Name.wide, means.indices.map { remainders[$0] == nil ? 0 : 1 }),
      FittedArray(Name.remainders, means.indices.map { remainders[$0] ?? 0 }),
    ]
  }

  private enum Name {
    static let (means, deviations, wide, remainders) = ("means", "deviations", "wide", "mean-remainders")
  }

  /// Of the arrays that it was kept as, for samples of a shape; throws bad data where they are none of its own.
  package init(arrays: [FittedArray], granularity: Granularity, shape: Shape) throws(Failure) {
    let names = [Name.means, Name.deviations, Name.wide, Name.remainders]
    guard [2, 4].contains(arrays.count), zip(arrays, names).allSatisfy({ $0.name == $1 }) else {
      throw Failure(
        .badData,
        "expected \(names.prefix(2).joined(separator: " and ")), found \(arrays.map(\.name).joined(separator: ", "))")
    }
    let count = Self.entries(shape, granularity)
    if let bad = arrays.first(where: { $0.values.count != count }) {
      throw Failure(.badData, "expected \(count) \(bad.name), found \(bad.values.count)")
    }
    let wide = arrays.count == 4 ? arrays[2].values.indices.filter { arrays[2].values[$0] != 0 } : []
    try self.init(
      means: arrays[0].values, deviations: arrays[1].values, granularity: granularity,
      wideRemainders: Dictionary(uniqueKeysWithValues: wide.map { ($0, arrays[3].values[$0]) }))
  }
}
