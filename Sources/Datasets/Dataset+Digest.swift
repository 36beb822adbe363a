import Tensors

extension Dataset {
  /// The identity of the samples: shape, features, targets and names, whatever file they were read from.
  ///
  /// On every host the same, as all of them are little-endian.
  public var digest: Digest {
    func digits<Value: BitwiseCopyable>(_ values: [Value]) -> String {
      values.withUnsafeBytes { Digest(of: $0).hex }
    }
    let samples =
      switch features {
      case .bytes(let values): "bytes \(digits(values))"
      case .floats(let values): "floats \(digits(values))"
      }
    let truths =
      switch targets {
      case .classes(let classes, let names): "classes \(digits(classes)) \(names)"
      case .values(let values, let width): "values \(digits(values)) \(width)"
      case .none: "none"
      }
    return Array("\(shape) \(samples) \(truths) \(featureNames ?? [])".utf8).withUnsafeBytes { Digest(of: $0) }
  }
}
