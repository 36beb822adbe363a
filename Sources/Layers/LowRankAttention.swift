import Kernels
import Tensors

/// Self-attention with adapters of low rank beside its projections: see `AttentionAdapters`.
///
/// Its slots are those of the attention, then A and B of each projection that has them.
public struct LowRankAttention: Layer {
  public static let kind = "lora-attention"
  package let base: MultiHeadAttention
  package let adapters: AttentionAdapters

  init(beside base: MultiHeadAttention, _ adapters: AttentionAdapters) { (self.base, self.adapters) = (base, adapters) }

  public func outputShape(for input: Shape) throws -> Shape { try base.outputShape(for: input) }

  private func keyWidth(_ width: Int) -> Int { base.keyHeads * (width / base.heads) }

  public func parameters(for input: Shape) -> [Parameter] {
    base.parameters(for: input) + adapters.parameters(D: input[1], E: input[1], K: keyWidth(input[1]))
  }

  public var backwardReads: BackwardReads { .input }
  public var keepsPositions: Bool { true }
  public func lastRead(at position: Int, of input: Shape) -> Int { base.lastRead(at: position, of: input) }

  public func multiplyAdds(for input: Shape) -> Int {
    let (T, D) = (input[0], input[1])
    return base.multiplyAdds(for: input) + adapters.multiplyAdds(T: T, S: T, D: D, E: D, K: keyWidth(D))
  }

  public func bind(_ binding: Binding) -> any BoundLayer {
    let (T, D) = (binding.inputShape[0], binding.inputShape[1])
    let count = binding.slots.count - 2 * adapters.projections.count
    let N = binding.microBatch * T
    return base.bound(
      binding.with(slots: Array(binding.slots.prefix(count))),
      adapters.bound(slots: binding.slots[count...], binding, N: N, M: N, D: D, E: D, K: keyWidth(D)))
  }
}

extension LowRankAttention: AdaptedLayer {
  func adapters(at path: String, slots: [Int], of layout: ParameterLayout) -> [PlacedAdapter] {
    let D = layout.slots[slots[0]].shape[1]
    return adapters.placed(at: path, slots: slots) { projection in
      switch projection {
      case .query: ("in_proj_weight", 0)
      case .key: ("in_proj_weight", D)
      case .value: ("in_proj_weight", D + keyWidth(D))
      case .output: ("out_proj.weight", 0)
      }
    }
  }
}

/// Attention to a memory with adapters of low rank beside its projections: see `AttentionAdapters`.
public struct LowRankCrossAttention: MemoryLayer {
  public static let kind = "lora-cross-attention"
  package let base: CrossAttention
  package let adapters: AttentionAdapters

  init(beside base: CrossAttention, _ adapters: AttentionAdapters) { (self.base, self.adapters) = (base, adapters) }

  public func outputShape(for input: Shape) -> Shape { input }
  public func outputShape(for input: Shape, memory: Shape) throws -> Shape {
    try base.outputShape(for: input, memory: memory)
  }

  private func keyWidth(_ width: Int) -> Int { base.keyHeads * (width / base.heads) }

  public func parameters(for input: Shape, memory: Shape) -> [Parameter] {
    base.parameters(for: input, memory: memory)
      + adapters.parameters(D: input[1], E: memory[1], K: keyWidth(input[1]))
  }

  public var backwardReads: BackwardReads { .input }
  public var keepsPositions: Bool { true }
  public func lastRead(at position: Int, of input: Shape) -> Int { position }

  public func multiplyAdds(for input: Shape, memory: Shape) -> Int {
    base.multiplyAdds(for: input, memory: memory)
      + adapters.multiplyAdds(T: input[0], S: memory[0], D: input[1], E: memory[1], K: keyWidth(input[1]))
  }

  public func bind(_ binding: Binding) -> any BoundLayer {
    let (D, memory) = (binding.inputShape[1], binding.memory!.shape)
    let count = binding.slots.count - 2 * adapters.projections.count
    return base.bound(
      binding.with(slots: Array(binding.slots.prefix(count))),
      adapters.bound(
        slots: binding.slots[count...], binding, N: binding.microBatch * binding.inputShape[0],
        M: binding.microBatch * memory[0], D: D, E: memory[1], K: keyWidth(D)))
  }
}

extension LowRankCrossAttention: AdaptedLayer {
  func adapters(at path: String, slots: [Int], of layout: ParameterLayout) -> [PlacedAdapter] {
    let D = layout.slots[slots[0]].shape[0]
    return adapters.placed(at: path, slots: slots) { projection in
      switch projection {
      case .query: ("q_proj.weight", 0)
      case .key: ("kv_proj.weight", 0)
      case .value: ("kv_proj.weight", keyWidth(D))
      case .output: ("out_proj.weight", 0)
      }
    }
  }
}
