import CKernels
import Tensors

// S samples of a micro-batch, F features of a sample, W value targets of a sample, K classes of a sample.
// Nothing here allocates: a training step calls it.
extension Dataset {
  /// Overwrites `features` (S×F, row-major) with the features of `samples` (S), as the data's transforms make them.
  ///
  /// Each sample is in 0..<count and may occur more than once. The same bits on every host.
  package func gather(_ samples: UnsafeBufferPointer<Int>, into features: FloatView) {
    guard !transforms.isEmpty else { return gatherRaw(samples, into: features) }
    check(samples, shape.count, features.count)
    transforms[0].gather(samples, of: self, into: features)
    for place in 1..<transforms.count { transforms[place].apply(to: features, samples: samples.count) }
  }

  /// Overwrites `features` (S×F, row-major) with the features of `samples` (S) as they are in the data.
  package func gatherRaw(_ samples: UnsafeBufferPointer<Int>, into features: FloatView) {
    check(samples, shape.count, features.count)
    guard let rows = samples.baseAddress else { return }
    let (width, out) = (shape.count, features.base)
    switch self.features {
    case .windows(let windows): windows.gather(samples, shift: 0, into: out) { Float($0) }
    case .bytes(let data):
      data.withUnsafeBufferPointer { ck_gather_bytes($0.baseAddress, width, rows, samples.count, out) }
    case .floats(let data):
      data.withUnsafeBufferPointer { ck_gather_floats($0.baseAddress, width, rows, samples.count, out) }
    case .mapped(let data) where data.isLarge: data.gather(samples, width: width, into: out)
    case .mapped(let data):
      data.withUnsafeBufferPointer { ck_gather_floats($0.baseAddress, width, rows, samples.count, out) }
    case .decoded(let data):
      for (place, sample) in samples.enumerated() { data.decode(sample, window: nil, into: out + place * width) }
    }
  }

  /// Overwrites `classes` (S×K) with the classes of `samples` (S); the targets must be classes or following tokens.
  package func gatherClasses(_ samples: UnsafeBufferPointer<Int>, into classes: UnsafeMutableBufferPointer<Int32>) {
    check(samples, classesPerSample, classes.count)
    switch (targets, features) {
    case (.classes(let all, _), _):
      for (place, sample) in samples.enumerated() { classes[place] = all[sample] }
    case (.mappedClasses(let all, _), _):
      if let out = classes.baseAddress { all.gather(samples, width: 1, into: out) }
    case (.following, .windows(let windows)):
      if let out = classes.baseAddress { windows.gather(samples, shift: 1, into: out) { $0 } }
    default: preconditionFailure("\(source) has no classes")
    }
  }

  /// Overwrites `values` (S×W, row-major) with the value targets of `samples` (S).
  ///
  /// The targets must be values, or two classes, which give 0 and 1.
  package func gatherValues(_ samples: UnsafeBufferPointer<Int>, into values: FloatView) {
    guard let width = valueWidth else { preconditionFailure("\(source) has neither values nor two classes") }
    check(samples, width, values.count)
    switch targets {
    case .values(let all, _):
      for (place, sample) in samples.enumerated() {
        for i in 0..<width { values.base[place * width + i] = all[sample * width + i] }
      }
    case .mappedValues(let all, _): all.gather(samples, width: width, into: values.base)
    case .classes(let all, _):
      for (place, sample) in samples.enumerated() { values.base[place] = Float(all[sample]) }
    case .mappedClasses(let all, _):
      for (place, sample) in samples.enumerated() { values.base[place] = Float(all[sample]) }
    case .following, .none: break
    }
  }

  func check(_ samples: UnsafeBufferPointer<Int>, _ width: Int, _ found: Int) {
    precondition(
      found == samples.count * width, "expected room for \(samples.count)×\(width) numbers, found \(found)")
    for sample in samples {
      precondition(sample >= 0 && sample < count, "sample \(sample) is outside of 0..<\(count)")
    }
  }
}

extension Dataset {
  /// Changes `features` (S×F), which were gathered raw, as the data's transforms do.
  package func transform(_ features: FloatView, samples: Int) {
    for transform in transforms { transform.apply(to: features, samples: samples) }
  }

  /// A number of a sample as it is in the data; not of samples that are decoded as they are gathered.
  package func rawFeature(_ feature: Int, of sample: Int) -> Float {
    let place = sample * shape.count + feature
    switch features {
    case .bytes(let values): return Float(values[place])
    case .floats(let values): return values[place]
    case .mapped(let values): return values[place]
    case .windows(let windows): return Float(windows.tokens[sample * windows.stride + feature])
    case .decoded: preconditionFailure("\(source) is decoded as it is gathered")
    }
  }
}
