import Tensors

extension Dataset {
  /// A text of random tokens, cut into windows: nothing to learn, only work to measure.
  ///
  /// A function of seed and place alone, the same bits on every host.
  package static func noiseText(vocabulary: Int, length: Int, count: Int, seed: UInt64) -> Dataset {
    precondition(vocabulary > 0 && length > 0 && count > 0, "\(count) windows of \(length) of \(vocabulary) tokens")
    let random = Philox(seed: seed, purpose: .data)
    let tokens = (0...count * length).map {
      Int32(random.block(stream: 2, index: UInt64($0)).x % UInt32(vocabulary))
    }
    return Dataset(
      source: "noise", shape: [length],
      features: .windows(TokenWindows(tokens: tokens, length: length, stride: length)),
      targets: .following(names: (0..<vocabulary).map(String.init)))
  }
}
