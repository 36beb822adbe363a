import Files

// Whoever reads all features or targets takes them from here, whether they are in memory or in a file.
extension Dataset.Features {
  /// Lends floats; nil where features are something else.
  package func withFloats<Result>(_ body: (UnsafeBufferPointer<Float>) -> Result) -> Result? {
    switch self {
    case .floats(let values): values.withUnsafeBufferPointer(body)
    case .mapped(let values): values.withUnsafeBufferPointer(body)
    case .bytes, .windows, .decoded: nil
    }
  }

  /// Lends floats from the first on, block by block, until `body` is false for one; with the place of the block's first one.
  ///
  /// Nothing where features are something else.
  package func forEachBlockOfFloats(while body: (Int, UnsafeBufferPointer<Float>) -> Bool) {
    struct Stop: Error {}
    switch self {
    case .floats(let values): values.withUnsafeBufferPointer { _ = body(0, $0) }
    case .mapped(let values): try? values.forEachBlock { start, block in if !body(start, block) { throw Stop() } }
    case .decoded(let samples):
      let width = samples.shape.count
      withUnsafeTemporaryAllocation(of: Float.self, capacity: width) { block in
        for sample in 0..<samples.count {
          samples.decode(sample, window: nil, into: block.baseAddress!)
          guard body(sample * width, UnsafeBufferPointer(block)) else { return }
        }
      }
    case .bytes, .windows: break
    }
  }
}

extension Dataset.Targets {
  /// How many classes or values; 0 where they are something else.
  package var count: Int {
    switch self {
    case .classes(let classes, _): classes.count
    case .mappedClasses(let classes, _): classes.count
    case .values(let values, _): values.count
    case .mappedValues(let values, _): values.count
    case .following, .none: 0
    }
  }

  /// How many values a sample has; nil where targets are something else.
  package var width: Int? {
    switch self {
    case .values(_, let width), .mappedValues(_, let width): width
    case .classes, .mappedClasses, .following, .none: nil
    }
  }

  /// Lends values; nil where targets are something else.
  package func withValues<Result>(_ body: (UnsafeBufferPointer<Float>) -> Result) -> Result? {
    switch self {
    case .values(let values, _): values.withUnsafeBufferPointer(body)
    case .mappedValues(let values, _): values.withUnsafeBufferPointer(body)
    case .classes, .mappedClasses, .following, .none: nil
    }
  }

  /// Lends classes from the first on, block by block; nothing where targets are something else.
  func forEachBlockOfClasses(_ body: (UnsafeBufferPointer<Int32>) -> Void) {
    switch self {
    case .classes(let classes, _): classes.withUnsafeBufferPointer(body)
    case .mappedClasses(let classes, _): classes.forEachBlock { body($1) }
    case .values, .mappedValues, .following, .none: break
    }
  }

  /// Lends classes; nil where targets are something else.
  package func withClasses<Result>(_ body: (UnsafeBufferPointer<Int32>) -> Result) -> Result? {
    switch self {
    case .classes(let classes, _): classes.withUnsafeBufferPointer(body)
    case .mappedClasses(let classes, _): classes.withUnsafeBufferPointer(body)
    case .values, .mappedValues, .following, .none: nil
    }
  }
}
