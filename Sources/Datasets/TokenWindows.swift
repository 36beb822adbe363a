import Diagnostics

/// Windows of T tokens on one long sequence, each token's target being the one that follows it.
///
/// Sample s has the tokens from s · stride on. Windows overlap where the stride is less than T; the tokens are in
/// memory once.
public struct TokenWindows: Sendable {
  /// Places in the vocabulary.
  public let tokens: [Int32]
  /// T, tokens a window.
  public let length: Int
  /// Tokens from one window's start to the next.
  public let stride: Int
  /// Bytes of text that a target stands for, on average; nil where that is not known.
  public internal(set) var bytesPerToken: Double?
  /// Whether tokens are pieces of words.
  public internal(set) var areSubwords = false

  public init(tokens: [Int32], length: Int, stride: Int) {
    precondition(length > 0 && stride > 0, "windows of \(length) tokens, \(stride) apart")
    self.tokens = tokens
    self.length = length
    self.stride = stride
  }

  /// How many windows there are: each needs its T tokens and the one behind them.
  public var count: Int { tokens.count > length ? (tokens.count - length - 1) / stride + 1 : 0 }

  /// Bytes of text that a target of these windows stands for, on average; nil where a vocabulary does not tell.
  func bytesPerTarget(of vocabulary: Vocabulary) -> Double? {
    // What changes texts before it takes them apart tells nothing of their bytes.
    guard vocabulary.model?.isExact != false, count > 0 else { return nil }
    let sizes = vocabulary.names.indices.map { vocabulary.bytes(of: Int32($0)).count }
    var bytes = 0
    for window in 0..<count {
      let first = window * stride + 1
      for place in first..<first + length { bytes += sizes[Int(tokens[place])] }
    }
    return bytes > 0 ? Double(bytes) / Double(count * length) : nil
  }

  /// Overwrites `out` (S×T) with the tokens of `samples` (S), `shift` places on.
  func gather<Value: Numeric>(
    _ samples: UnsafeBufferPointer<Int>, shift: Int, into out: UnsafeMutablePointer<Value>,
    as convert: (Int32) -> Value
  ) {
    tokens.withUnsafeBufferPointer { tokens in
      for (place, sample) in samples.enumerated() {
        let first = sample * stride + shift
        for t in 0..<length { out[place * length + t] = convert(tokens[first + t]) }
      }
    }
  }
}
