import Kernels
import Tensors

// D width of the input, E of what keys and values are made of, K = G d columns of the keys, and of the values.

/// A projection of attention, under the name that it has in models that PEFT knows.
package enum AttentionProjection: String, CaseIterable, Sendable {
  case query = "q_proj"
  case key = "k_proj"
  case value = "v_proj"
  case output = "out_proj"

  /// What else it is called: models after LLaMA have `o_proj`.
  package var names: [String] { self == .output ? [rawValue, "o_proj"] : [rawValue] }

  /// Whether it reads the memory, where there is one.
  var readsKeys: Bool { self == .key || self == .value }
}

/// Adapters of low rank beside some projections of attention, each with an A and a B of its own.
///
/// Weights may hold several projections in one slot: an adapter adds to its rows alone, so that queries and values can have one and keys
/// none, as in Hu et al.: *LoRA* (ICLR 2022), section 5.
package struct AttentionAdapters: Sendable {
  /// In the order of `AttentionProjection.allCases`.
  package let projections: [AttentionProjection]
  package let form: LowRankForm

  /// `q_proj.lora_A.weight` r×D, `q_proj.lora_B.weight` D×r, and so on.
  func parameters(D: Int, E: Int, K: Int) -> [Parameter] {
    projections.flatMap { projection in
      form.parameters(
        "\(projection.rawValue).", inputs: projection.readsKeys ? E : D, outputs: projection.readsKeys ? K : D)
    }
  }

  /// Of a sample with T rows of the input and S of what keys are made of.
  func multiplyAdds(T: Int, S: Int, D: Int, E: Int, K: Int) -> Int {
    projections.reduce(0) { $0 + form.rank * ($1.readsKeys ? S * (E + K) : T * 2 * D) }
  }

  /// Where they stand, in a layer at `path` with these last `slots`; `weight` tells the slot that a projection lies in, and its first row.
  func placed(
    at path: String, slots: [Int], _ weight: (AttentionProjection) -> (name: String, firstRow: Int)
  ) -> [PlacedAdapter] {
    let own = slots.suffix(2 * projections.count)
    return projections.enumerated().map { place, projection in
      let (name, firstRow) = weight(projection)
      return PlacedAdapter(
        path: "\(path).\(projection.rawValue)", weight: "\(path).\(name)", firstRow: firstRow,
        A: own[own.startIndex + 2 * place], B: own[own.startIndex + 2 * place + 1], form: form)
    }
  }

  /// Bound to these slots, for N rows of the input and M of what keys are made of.
  func bound(slots: ArraySlice<Int>, _ binding: Binding, N: Int, M: Int, D: Int, E: Int, K: Int)
    -> BoundAttentionAdapters
  {
    BoundAttentionAdapters(
      projections.enumerated().map { place, projection in
        let first = slots.startIndex + 2 * place
        let isOfKeys = projection.readsKeys
        // Each draws by itself, and none as the layer does for its probabilities.
        let number = AttentionProjection.allCases.firstIndex(of: projection)! + 1
        return (
          projection,
          BoundLowRankUpdate(
            A: slots[first], B: slots[first + 1], N: isOfKeys ? M : N, I: isOfKeys ? E : D, O: isOfKeys ? K : D,
            samples: binding.microBatch, form: form, key: binding.index | number << 24)
        )
      })
  }
}

/// The same in a lane's memory: `count` floats from forward to backward, and `scratch` in backward.
struct BoundAttentionAdapters: Sendable {
  private let updates: [(projection: AttentionProjection, update: BoundLowRankUpdate, saved: Range<Int>)]
  let count: Int
  let scratch: Int

  static let none = BoundAttentionAdapters([])

  init(_ updates: [(AttentionProjection, BoundLowRankUpdate)]) {
    var (placed, next) = ([(projection: AttentionProjection, update: BoundLowRankUpdate, saved: Range<Int>)](), 0)
    for (projection, update) in updates {
      placed.append((projection, update, next..<next + update.count))
      next += update.count
    }
    (self.updates, count) = (placed, next)
    scratch = updates.reduce(0) { max($0, $1.1.count) }
  }

  /// Whether one is beside the projection of queries, keys or values.
  var areOfInputs: Bool { updates.contains { $0.projection != .output } }

  /// Adds to the sums of a projection, whose rows may be columns of wider ones; x has the same rows, and `saved` is all that they keep.
  func forward(
    _ projection: AttentionProjection, _ lane: borrowing Lane, _ x: TensorView, rows: Rows = .all, into y: Matrix,
    saved: FloatView
  ) {
    for (own, update, place) in updates where own == projection {
      update.forward(lane, x, rows: rows, into: y, saved: saved[place])
    }
  }

  /// Overwrites the gradients of a projection's A and B, and adds to that of x where it is given.
  func backward(
    _ projection: AttentionProjection, _ lane: borrowing Lane, _ dy: Matrix, of x: TensorView, saved: FloatView,
    scratch: FloatView, into dx: FloatView?
  ) {
    for (own, update, place) in updates where own == projection {
      update.backward(
        lane, dy, of: x, saved: saved[place], scratch: scratch[0..<update.count], into: dx)
    }
  }
}
