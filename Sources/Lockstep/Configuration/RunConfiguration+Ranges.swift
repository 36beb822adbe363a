import Configuration

extension RunConfiguration {
  /// What settings may be that a file and a program have alike.
  enum Ranges {
    static let epochs = 1...1_000_000
    /// Of a batch, and of a micro-batch.
    static let batch = 1...(1 << 24)
    static let lanes = 1...1024
    static let checkpointEvery = 1...
    static let averageDecay = 0.0..<1
    static var learningRate: OpenInterval { .above(0) }
    static var clipNorm: OpenInterval { .above(0) }
  }
}
