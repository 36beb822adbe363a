import CKernels
import Tensors

/// The extents of an attention of one micro-batch, and of its parts: B samples, T positions, D columns, H heads.
package struct AttentionShape: Sendable, Hashable {
  package var samples: Int
  package var positions: Int
  package var width: Int
  package var heads: Int
  /// Whether a position sees only itself and those before it.
  package var isCausal: Bool

  /// `width` is a multiple of `heads`.
  package init(samples: Int, positions: Int, width: Int, heads: Int, isCausal: Bool) {
    precondition(heads > 0 && width.isMultiple(of: heads), "\(heads) heads of \(width) columns")
    self.samples = samples
    self.positions = positions
    self.width = width
    self.heads = heads
    self.isCausal = isCausal
  }

  /// Floats of the heads' outputs side by side, B·T×D; [Q K V], B·T×3D, are three times as many.
  package var outputCount: Int { samples * positions * width }
  /// Floats that forward leaves for backward.
  package var statisticsCount: Int { 2 * samples * heads * positions }
  /// The heads of all samples: head h of sample n is number n H + h.
  package var allHeads: Range<Int> { 0..<samples * heads }
}

/// Softmax(Q Kᵀ / √d) V of every head, forward and backward. Made once, shared by all lanes, never changed.
///
/// In bfloat16 [Q K V] and outputs are of such numbers, and products round their factors; gradients and statistics are floats.
///
/// The bits depend on the shape alone: `CKernelsAttention.h` has the formulas. Arguments share no memory. Scratch holds
/// `forwardScratch` or `backwardScratch` floats, linear in T, whose content does not matter. Each head is computed by itself:
/// calls for other heads may run at the same time, each with scratch of its own. A crew divides the heads, with memory of its threads.
package struct AttentionKernel: Sendable {
  package let shape: AttentionShape
  /// What [Q K V] and outputs are of.
  package let precision: NumberFormat
  private let extents: ck_attention
  package let forwardScratch: Int
  package let backwardScratch: Int

  package init(_ shape: AttentionShape, precision: NumberFormat = .float32) {
    (self.shape, self.precision) = (shape, precision)
    var extents = ck_attention(
      samples: Int64(shape.samples), positions: Int64(shape.positions), width: Int64(shape.width),
      heads: Int64(shape.heads), causal: shape.isCausal ? 1 : 0,
      scale: 1 / Float(shape.width / shape.heads).squareRoot())
    switch precision {
    case .float32:
      forwardScratch = Int(ck_attention_forward_scratch(&extents))
      backwardScratch = Int(ck_attention_backward_scratch(&extents))
    case .bfloat16:
      forwardScratch = Int(ck_attention_bfloat16_forward_scratch(&extents))
      backwardScratch = Int(ck_attention_bfloat16_backward_scratch(&extents))
    }
    self.extents = extents
  }

  /// Overwrites the outputs of `heads`, or of all, and their statistics.
  ///
  /// Of `positions` alone where they are given: a causal attention then reads no later key or value.
  package func forward(
    _ qkv: TensorView, heads: Range<Int>? = nil, positions: Range<Int>? = nil, into outputs: TensorView,
    statistics: FloatView, scratch: FloatView
  ) {
    let (heads, positions) = (heads ?? shape.allHeads, positions ?? 0..<shape.positions)
    check(qkv, outputs.count, statistics, heads)
    precondition(outputs.isFloat == qkv.isFloat, "[Q K V] and outputs are of the same numbers")
    precondition(
      positions.lowerBound >= 0 && positions.upperBound <= shape.positions, "positions \(positions) of \(shape)")
    precondition(scratch.count >= forwardScratch, "\(scratch.count) floats of scratch for \(forwardScratch)")
    let ends = (outputs: outputs.base, statistics: statistics.base, qkv: qkv.base, first: heads.lowerBound)
    Crew.split(
      heads.count, cost: heads.count * cost * positions.count / shape.positions,
      over: (self, ends, positions, Crew.current == nil ? scratch.base : nil)
    ) { task, part in
      let (kernel, ends, positions, scratch) = task
      let (first, count) = (Int64(ends.first + part.lowerBound), Int64(part.count))
      let (firstQuery, queries) = (Int64(positions.lowerBound), Int64(positions.count))
      let memory = scratch ?? ck_thread_memory(Int64(kernel.forwardScratch))
      withUnsafePointer(to: kernel.extents) {
        switch kernel.precision {
        case .float32:
          ck_attention_forward(
            ends.outputs.assumingMemoryBound(to: Float.self), ends.statistics,
            ends.qkv.assumingMemoryBound(to: Float.self), $0, first, count, firstQuery, queries, memory)
        case .bfloat16:
          ck_attention_bfloat16_forward(
            ends.outputs.assumingMemoryBound(to: UInt16.self), ends.statistics,
            ends.qkv.assumingMemoryBound(to: UInt16.self), $0, first, count, firstQuery, queries, memory)
        }
      }
    }
  }

  /// Overwrites the gradients of the queries, keys and values of `heads`, or of all, from those of their outputs.
  package func backward(
    _ doutputs: FloatView, qkv: TensorView, statistics: FloatView, heads: Range<Int>? = nil, into dqkv: FloatView,
    scratch: FloatView
  ) {
    let heads = heads ?? shape.allHeads
    check(qkv, doutputs.count, statistics, heads)
    precondition(dqkv.count == qkv.count, "\(dqkv.count) gradients for \(shape)")
    precondition(scratch.count >= backwardScratch, "\(scratch.count) floats of scratch for \(backwardScratch)")
    let ends = (
      dqkv: dqkv.base, doutputs: doutputs.base, qkv: qkv.base, statistics: statistics.base, first: heads.lowerBound
    )
    Crew.split(
      heads.count, cost: 5 * heads.count * cost / 2, over: (self, ends, Crew.current == nil ? scratch.base : nil)
    ) { task, part in
      let (kernel, ends, scratch) = task
      let (first, count) = (Int64(ends.first + part.lowerBound), Int64(part.count))
      let memory = scratch ?? ck_thread_memory(Int64(kernel.backwardScratch))
      withUnsafePointer(to: kernel.extents) {
        switch kernel.precision {
        case .float32:
          ck_attention_backward(
            ends.dqkv, ends.doutputs, ends.qkv.assumingMemoryBound(to: Float.self), ends.statistics, $0, first, count,
            memory)
        case .bfloat16:
          ck_attention_bfloat16_backward(
            ends.dqkv, ends.doutputs, ends.qkv.assumingMemoryBound(to: UInt16.self), ends.statistics, $0, first, count,
            memory)
        }
      }
    }
  }

  /// About how many nanoseconds a core takes for one head forward: two products, and the exponentials.
  private var cost: Int {
    let all = shape.positions * shape.positions * (2 * shape.width / shape.heads / 50 + 1)
    return shape.isCausal ? all / 2 : all
  }

  private func check(_ qkv: TensorView, _ outputs: Int, _ statistics: FloatView, _ heads: Range<Int>) {
    precondition(qkv.isFloat == (precision == .float32), "[Q K V] of \(precision)")
    precondition(
      qkv.count == 3 * shape.outputCount && outputs == shape.outputCount && statistics.count == shape.statisticsCount,
      "\(qkv.count) inputs, \(outputs) outputs and \(statistics.count) statistics for \(shape)")
    precondition(
      heads.lowerBound >= 0 && heads.upperBound <= shape.allHeads.upperBound, "heads \(heads) of \(shape)")
  }
}

extension AttentionShape: CustomStringConvertible {
  /// `6 samples of 64 positions, 4 heads of 32, causal`
  package var description: String {
    "\(samples) samples of \(positions) positions, \(heads) heads of \(width / heads)\(isCausal ? ", causal" : "")"
  }
}
