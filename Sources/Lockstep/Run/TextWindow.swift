import Layers
import Tensors

/// The last tokens of a growing text as a network of T positions sees them, and the logits behind the last one.
///
/// Full, it moves on by a quarter: it holds up to T tokens, and after a move the last T - max(1, T / 4).
struct TextWindow: ~Copyable {
  private let plan: Plan
  private let input: FlatBuffer
  private var lane: Lane
  /// The first token that the network sees, nil before there is one.
  private var start: Int?
  /// Positions whose rows the lane holds.
  private var known = 0

  /// `parameters` must outlive it.
  init(_ plan: Plan, parameters: FloatView) {
    self.plan = plan
    input = FlatBuffer(count: plan.network.input.count)
    lane = plan.makeLane(parameters: parameters, seed: 0)
    lane.integerWeights = plan.makeIntegerWeights(parameters)
    lane.setInput(input.view)
    lane.setMode(.evaluation)
  }

  /// The V logits behind the last of `tokens`, which are those of the call before and more; they last until the next call.
  mutating func logits(behind tokens: [Int32]) -> FloatView {
    let T = input.view.count
    var start = start ?? max(0, tokens.count - T)
    while tokens.count - start > T {
      start += max(1, T / 4)
      known = 0
    }
    self.start = start
    let seen = tokens.count - start
    if plan.isRowwise {
      for place in known..<seen { input.view[place] = Float(tokens[start + place]) }
      plan.forward(lane, rows: known..<seen)
      known = seen
    } else {
      // The pass before may have overwritten it. What lies behind the last token is seen by none before it.
      input.view.clear()
      for place in 0..<seen { input.view[place] = Float(tokens[start + place]) }
      plan.forward(lane)
    }
    let V = lane.output.count / T
    return lane.output[(seen - 1) * V..<seen * V]
  }
}
