import Tensors

extension Dataset {
  /// Random features and random classes: nothing to learn, only work to measure.
  ///
  /// ```swift
  /// let images = Dataset.noise(shape: [28, 28, 1], classes: 10, count: 6400, seed: 1)
  /// ```
  ///
  /// Features are uniform in -√3 ... √3, with mean 0 and deviation 1; classes are uniform. A function of seed and place
  /// alone, the same bits on every host.
  package static func noise(shape: Shape, classes: Int, count: Int, seed: UInt64) -> Dataset {
    precondition(count > 0 && classes > 0, "\(count) samples of \(classes) classes")
    let random = Philox(seed: seed, purpose: .data)
    let width = 3.0.squareRoot() * 2
    let total = count * shape.count
    let features = [Float](unsafeUninitializedCapacity: total) { buffer, initialized in
      random.drawUniform(UnsafeMutableBufferPointer(rebasing: buffer[..<total]), stream: 0, width: width)
      initialized = total
    }
    return Dataset(
      source: "noise", shape: shape, features: .floats(features),
      targets: .classes(
        (0..<count).map { Int32(random.block(stream: 1, index: UInt64($0)).x % UInt32(classes)) },
        names: (0..<classes).map(String.init)))
  }
}
