import Tensors

extension Dataset {
  /// Some of the samples, features as the transforms make them: floats, all in memory, which no transform changes any more.
  package func taking(_ samples: [Int]) -> Dataset {
    let features = FlatBuffer(count: samples.count * shape.count)
    samples.withUnsafeBufferPointer { gather($0, into: features.view) }
    return Dataset(
      source: source, shape: shape, features: .floats(features.view.array), targets: targets(of: samples),
      featureNames: featureNames, targetNames: targetNames, targetShape: targetShape,
      weights: weights.map { _ in
        let weights = FlatBuffer(count: samples.count)
        samples.withUnsafeBufferPointer { gatherWeights($0, into: weights.view) }
        return .floats(weights.view.array)
      }, preparation: preparation, ends: ends, auxiliary: auxiliary.mapValues { $0.taking(samples) })
  }

  private func targets(of samples: [Int]) -> Targets {
    switch targets {
    case .classes(_, let names), .mappedClasses(_, let names):
      var classes = [Int32](repeating: 0, count: samples.count)
      samples.withUnsafeBufferPointer { samples in
        classes.withUnsafeMutableBufferPointer { gatherClasses(samples, into: $0) }
      }
      return .classes(classes, names: names)
    case .values(_, let width), .mappedValues(_, let width):
      let values = FlatBuffer(count: samples.count * width)
      samples.withUnsafeBufferPointer { gatherValues($0, into: values.view) }
      return .values(values.view.array, width: width)
    case .following, .none: preconditionFailure("\(source) has no targets of single samples")
    }
  }

  /// The same samples, in which those features that lie in `range` are those of other samples: of sample i they are those of
  /// sample `order[i]`. Features must be floats in memory.
  package func dealing(_ range: Range<Int>, by order: [Int]) -> Dataset {
    guard case .floats(let own) = features else { preconditionFailure("\(source) has no floats in memory") }
    precondition(order.count == count && range.upperBound <= shape.count, "an order of \(order.count), \(range)")
    var dealt = own
    for (sample, other) in order.enumerated() {
      for place in range { dealt[sample * shape.count + place] = own[other * shape.count + place] }
    }
    return Dataset(
      source: source, shape: shape, features: .floats(dealt), targets: targets, featureNames: featureNames,
      targetNames: targetNames, targetShape: targetShape, weights: weights, preparation: preparation, ends: ends,
      auxiliary: auxiliary)
  }
}
