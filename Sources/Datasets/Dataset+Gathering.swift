import CKernels
import Tensors

// S samples of a micro-batch, F features of a sample, W value targets of a sample, K classes of a sample.
// Nothing here allocates: a training step calls it.
extension Dataset {
  /// Overwrites `features` (S×F, row-major) with the features of `samples` (S), raw or standardised.
  ///
  /// Each sample is in 0..<count and may occur more than once. The same bits on every host. `standardisation` must
  /// fit (see `Standardisation.check`).
  public func gather(
    _ samples: UnsafeBufferPointer<Int>, into features: FloatView, standardisation: Standardisation?
  ) {
    check(samples, shape.count, features.count)
    guard let rows = samples.baseAddress else { return }
    let (width, out) = (shape.count, features.base)
    switch (self.features, standardisation) {
    case (.windows(let windows), _):
      precondition(standardisation == nil, "tokens cannot be standardised")
      windows.gather(samples, shift: 0, into: out) { Float($0) }
    case (.bytes(let data), nil):
      data.withUnsafeBufferPointer { ck_gather_bytes($0.baseAddress, width, rows, samples.count, out) }
    case (.floats(let data), nil):
      data.withUnsafeBufferPointer { ck_gather_floats($0.baseAddress, width, rows, samples.count, out) }
    case (.bytes(let data), let standardisation?):
      precondition(standardisation.fits(shape), "\(standardisation) does not fit samples of shape \(shape)")
      data.withUnsafeBufferPointer { data in
        standardisation.withTables { mean, inverse, period in
          ck_gather_standardised_bytes(data.baseAddress, width, rows, samples.count, mean, inverse, period, out)
        }
      }
    case (.floats(let data), let standardisation?):
      precondition(standardisation.fits(shape), "\(standardisation) does not fit samples of shape \(shape)")
      data.withUnsafeBufferPointer { data in
        standardisation.withTables { mean, inverse, period in
          ck_gather_standardised_floats(data.baseAddress, width, rows, samples.count, mean, inverse, period, out)
        }
        for entry in standardisation.wideEntries {
          let column = wide.values[entry.place]
          for (row, sample) in samples.enumerated() {
            let x = column?[sample] ?? Double(data[sample * width + entry.place])
            out[row * width + entry.place] = Float(x - entry.mean) * entry.inverse
          }
        }
      }
    }
  }

  /// Overwrites `classes` (S×K) with the classes of `samples` (S); the targets must be classes or following tokens.
  public func gatherClasses(_ samples: UnsafeBufferPointer<Int>, into classes: UnsafeMutableBufferPointer<Int32>) {
    check(samples, classesPerSample, classes.count)
    switch (targets, features) {
    case (.classes(let all, _), _):
      for (place, sample) in samples.enumerated() { classes[place] = all[sample] }
    case (.following, .windows(let windows)):
      if let out = classes.baseAddress { windows.gather(samples, shift: 1, into: out) { $0 } }
    default: preconditionFailure("\(source) has no classes")
    }
  }

  /// Overwrites `values` (S×W, row-major) with the value targets of `samples` (S).
  ///
  /// The targets must be values, or two classes, which give 0 and 1.
  public func gatherValues(_ samples: UnsafeBufferPointer<Int>, into values: FloatView) {
    guard let width = valueWidth else { preconditionFailure("\(source) has neither values nor two classes") }
    check(samples, width, values.count)
    switch targets {
    case .values(let all, _):
      for (place, sample) in samples.enumerated() {
        for i in 0..<width { values.base[place * width + i] = all[sample * width + i] }
      }
    case .classes(let all, _):
      for (place, sample) in samples.enumerated() { values.base[place] = Float(all[sample]) }
    case .following, .none: break
    }
  }

  private func check(_ samples: UnsafeBufferPointer<Int>, _ width: Int, _ found: Int) {
    precondition(
      found == samples.count * width, "expected room for \(samples.count)×\(width) numbers, found \(found)")
    for sample in samples {
      precondition(sample >= 0 && sample < count, "sample \(sample) is outside of 0..<\(count)")
    }
  }
}
