import CKernels
import Tensors

/// Softmax(Q Kᵀ / √d) V of every head, forward and backward. Made once, shared by all lanes, never changed.
///
/// In bfloat16 [Q K V] and outputs are of such numbers, and products round their factors; gradients and statistics are floats.
///
/// The bits depend on the shape alone: `CKernelsAttention.h` has the formulas. Arguments share no memory. Scratch holds
/// `forwardScratch` or `backwardScratch` floats, linear in T, whose content does not matter. Each head is computed by itself:
/// calls for other heads may run at the same time, each with scratch of its own. A crew divides the heads, with memory of its threads.
package struct AttentionKernel: @unchecked Sendable {
  package let shape: AttentionShape
  /// What [Q K V] and outputs are of.
  package let precision: NumberFormat
  /// Its slopes are the buffer's, which nobody writes.
  private let extents: ck_attention
  /// H: how much less a score is for each position between; nil: not less.
  private let slopes: FlatBuffer?
  package let forwardScratch: Int
  package let backwardScratch: Int

  /// With `slopes`, one a head, the scaled score of a key is less by the head's times how far it lies from the query. Press et al.:
  /// *Train short, test long* (ICLR 2022).
  package init(_ shape: AttentionShape, slopes: [Float]? = nil, precision: NumberFormat = .float32) {
    (self.shape, self.precision) = (shape, precision)
    let scale = 1 / Float(shape.headWidth).squareRoot()
    self.slopes = slopes.map { slopes in
      precondition(slopes.count == shape.heads, "\(slopes.count) slopes for \(shape)")
      let buffer = FlatBuffer(count: slopes.count)
      buffer.view.assign(slopes.map { $0 / scale })
      return buffer
    }
    var extents = ck_attention(
      samples: Int64(shape.samples), positions: Int64(shape.positions), width: Int64(shape.width),
      heads: Int64(shape.heads), causal: shape.isCausal ? 1 : 0, scale: scale, key_heads: Int64(shape.keyHeads),
      memory: Int64(shape.memory ?? 0), window: Int64(shape.window ?? 0),
      slopes: self.slopes.map { UnsafePointer($0.view.base) },
      lengths: nil, memory_lengths: nil, dropout: ck_attention_dropout())
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
    _ qkv: TensorView, heads: Range<Int>? = nil, positions: Range<Int>? = nil, pass: AttentionPass = AttentionPass(),
    into outputs: TensorView, statistics: FloatView, scratch: FloatView
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
      over: (self, ends, positions, extents(of: pass), Crew.current == nil ? scratch.base : nil)
    ) { task, part in
      let (kernel, ends, positions, extents, scratch) = task
      let (first, count) = (Int64(ends.first + part.lowerBound), Int64(part.count))
      let (firstQuery, queries) = (Int64(positions.lowerBound), Int64(positions.count))
      let memory = scratch ?? ck_thread_memory(Int64(kernel.forwardScratch))
      withUnsafePointer(to: extents) {
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
  ///
  /// Heads that share keys go together. `pass` is the forward's.
  package func backward(
    _ doutputs: FloatView, qkv: TensorView, statistics: FloatView, heads: Range<Int>? = nil,
    pass: AttentionPass = AttentionPass(), into dqkv: FloatView, scratch: FloatView
  ) {
    let heads = heads ?? shape.allHeads
    precondition(
      heads.lowerBound.isMultiple(of: shape.sharing) && heads.count.isMultiple(of: shape.sharing),
      "heads \(heads) that share keys by \(shape.sharing)")
    check(qkv, doutputs.count, statistics, heads)
    precondition(dqkv.count == qkv.count, "\(dqkv.count) gradients for \(shape)")
    precondition(scratch.count >= backwardScratch, "\(scratch.count) floats of scratch for \(backwardScratch)")
    let ends = (
      dqkv: dqkv.base, doutputs: doutputs.base, qkv: qkv.base, statistics: statistics.base, first: heads.lowerBound
    )
    Crew.split(
      heads.count, cost: 5 * heads.count * cost / 2, unit: shape.sharing,
      over: (self, ends, extents(of: pass), Crew.current == nil ? scratch.base : nil)
    ) { task, part in
      let (kernel, ends, extents, scratch) = task
      let (first, count) = (Int64(ends.first + part.lowerBound), Int64(part.count))
      let memory = scratch ?? ck_thread_memory(Int64(kernel.backwardScratch))
      withUnsafePointer(to: extents) {
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
    let keys = min(shape.memory ?? shape.positions, shape.window.map { 2 * $0 } ?? .max)
    let all = shape.positions * keys * (2 * shape.headWidth / 50 + 1)
    return shape.isCausal ? all / 2 : all
  }

  private func extents(of pass: AttentionPass) -> ck_attention {
    var extents = self.extents
    (extents.lengths, extents.memory_lengths, extents.dropout) = (pass.lengths, pass.memoryLengths, pass.dropout)
    return extents
  }

  private func check(_ qkv: TensorView, _ outputs: Int, _ statistics: FloatView, _ heads: Range<Int>) {
    precondition(qkv.isFloat == (precision == .float32), "[Q K V] of \(precision)")
    precondition(
      qkv.count == shape.projectionCount && outputs == shape.outputCount && statistics.count == shape.statisticsCount,
      "\(qkv.count) inputs, \(outputs) outputs and \(statistics.count) statistics for \(shape)")
    precondition(
      heads.lowerBound >= 0 && heads.upperBound <= shape.allHeads.upperBound, "heads \(heads) of \(shape)")
  }
}
