import CKernels
import Tensors

/// The extents of an attention of one micro-batch, and of its parts: B samples, T positions, D columns, H heads of queries, G of keys
/// and values, S positions of a memory.
package struct AttentionShape: Sendable, Hashable {
  package var samples: Int
  package var positions: Int
  package var width: Int
  package var heads: Int
  /// Whether a position sees only itself and those before it.
  package var isCausal: Bool
  /// G, which divides the heads; each serves as many heads of queries as the others.
  package var keyHeads: Int
  /// S, where positions attend to those of a memory; nil: to each other.
  package var memory: Int?
  /// How many positions one sees at most where it is causal, its own the last; nil: all before it.
  package var window: Int?

  /// `width` is a multiple of `heads`.
  package init(
    samples: Int, positions: Int, width: Int, heads: Int, isCausal: Bool, keyHeads: Int? = nil, memory: Int? = nil,
    window: Int? = nil
  ) {
    precondition(heads > 0 && width.isMultiple(of: heads), "\(heads) heads of \(width) columns")
    let keyHeads = keyHeads ?? heads
    precondition(keyHeads > 0 && heads.isMultiple(of: keyHeads), "\(heads) heads of queries, \(keyHeads) of keys")
    precondition(memory == nil || !isCausal, "a memory is seen whole")
    precondition(window.map { isCausal && $0 > 0 } ?? true, "a window of \(window!) looks back")
    self.samples = samples
    self.positions = positions
    self.width = width
    self.heads = heads
    self.isCausal = isCausal
    self.keyHeads = keyHeads
    self.memory = memory
    self.window = window
  }

  /// d
  package var headWidth: Int { width / heads }
  /// G d, the columns of all keys of a position, or of its values.
  package var keyWidth: Int { keyHeads * headWidth }
  /// Floats of the heads' outputs side by side, B·T×D.
  package var outputCount: Int { samples * positions * width }
  /// Floats of [Q K V]: B·T × (D + 2 G d), or of a memory's B·T×D and behind them B·S × 2 G d.
  package var projectionCount: Int { outputCount + 2 * samples * (memory ?? positions) * keyWidth }
  /// Floats that forward leaves for backward.
  package var statisticsCount: Int { 2 * samples * heads * positions }
  /// The heads of all samples: head h of sample n is number n H + h.
  package var allHeads: Range<Int> { 0..<samples * heads }
  /// Heads of queries that have the keys and values of one.
  package var sharing: Int { heads / keyHeads }
}

/// What differs between passes of one attention: which positions are real, and what is dropped.
package struct AttentionPass {
  /// B each: how many positions of a sample are real, and of its memory; nil: all.
  package var lengths: UnsafePointer<Int32>?
  package var memoryLengths: UnsafePointer<Int32>?
  var dropout = ck_attention_dropout()

  package init(lengths: UnsafePointer<Int32>? = nil, memoryLengths: UnsafePointer<Int32>? = nil) {
    (self.lengths, self.memoryLengths) = (lengths, memoryLengths)
  }

  /// Drops the share `rate` of the probabilities, and divides the others by what is left; drawn by `random`, layer, step and position
  /// of a sample, `first` being that of the micro-batch's first one.
  package mutating func drop(_ rate: Double, random: Philox, layer: Int, first: Int, step: Int) {
    dropout = ck_attention_dropout(
      threshold: UInt64(((1 - rate) * 0x1p32).rounded()), scale: Float(1 / (1 - rate)), key0: random.key.x,
      key1: random.key.y, layer: UInt32(truncatingIfNeeded: layer), position: UInt32(truncatingIfNeeded: first),
      step: UInt32(truncatingIfNeeded: step))
  }
}

extension AttentionShape: CustomStringConvertible {
  /// `6 samples of 64 positions, 4 heads of 32, causal`
  package var description: String {
    let keys = keyHeads == heads ? "" : ", \(keyHeads) of keys"
    let seen =
      memory.map { ", a memory of \($0)" } ?? window.map { ", causal, \($0) at a time" } ?? (isCausal ? ", causal" : "")
    return "\(samples) samples of \(positions) positions, \(heads) heads of \(headWidth)\(keys)\(seen)"
  }
}
