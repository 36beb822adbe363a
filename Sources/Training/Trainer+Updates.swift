import Communication
import Diagnostics
import Kernels
import Optimizers
import Tensors

/// What becomes of the sum of gradients: a part of the parameters at a time, on the lane that has it.
extension Trainer {
  /// Updates a part of what this rank owns; lanes call it at the same time for different parts.
  ///
  /// `scale` is what makes the sum the gradient, as the transforms left it; `mean` is 1 / samples, for running statistics.
  func update(_ range: Range<Int>, _ sum: FloatView, scale: Float, mean: Float, _ segments: StepSegments) {
    if let fault, range.lowerBound == reducer.ownedRanges.first(where: { !$0.isEmpty })?.lowerBound,
      fault.befalls(.flipSum, rank: world.rank, step: step)
    {
      sum.flipBit()
    }
    segments.forEach(in: range) { part, treatment in
      let sum = sum[part.lowerBound - range.lowerBound..<part.upperBound - range.lowerBound]
      switch treatment {
      case .learned(let decays, let group):
        updates[group].update(
          parameters[part], state: state.slice(part), gradient: sum, scale: scale, decays: decays)
        if let (updates, trust) = layerwise {
          trust.note(part) { updates[group].squareSums(parameters[$0], state: state.slice($0), decays: decays) }
        }
      case .held: break
      case .statistic(let momentum):
        Kernels.runningMean(parameters[part], sum: sum, scale: mean, momentum: momentum)
      }
    }
    if layerwise == nil { average(range) }
  }

  /// Moves the average of a part of what this rank owns, once its parameters are those after the step.
  func average(_ range: Range<Int>) {
    guard let decay = options.averageDecay else { return }
    WeightAverage.update(state.slice(range)[state.shardedCount - 1], to: parameters[range], decay: decay, step: step)
  }

  /// Moves a part of what this rank owns as far as the slots' ratios say; lanes call it for different parts.
  func apply(
    _ range: Range<Int>, _ updates: [any LayerwiseUpdate], _ trust: TrustRatios, _ segments: StepSegments
  ) {
    segments.forEach(in: range) { part, treatment in
      guard case .learned(let decays, let group) = treatment else { return }
      trust.forEachPiece(in: part) { floats, ratio in
        updates[group].apply(parameters[floats], state: state.slice(floats), ratio: ratio, decays: decays)
      }
    }
    average(range)
  }

  /// Throws, on all ranks together, naming the first slot that is not finite: of the parameters, else of any gradient.
  func reportDivergence(_ loss: Double, _ nodes: [FloatView]) throws -> Never {
    let inParameters = Kernels.firstNonFinite(in: parameters)
    let inGradient = nodes.compactMap { Kernels.firstNonFinite(in: $0) }.min() ?? .max
    let firstInGradients = try world.allGather([inGradient]).map { $0[0] }.min()!
    let first = inParameters ?? firstInGradients
    let what = inParameters == nil ? "gradient" : "parameter"
    let slot = plan.layout.slot(at: first).map { "the first \(what) that is not finite is in \($0.name)" }
    try world.agree {
      throw Failure(
        .badData, at: "step \(step + 1)",
        "the loss is \(loss.isNaN ? "not a number" : "infinite"); \(slot ?? "all gradients are finite")",
        cure: "lower the learning rate (now \(rate)), warm it up, or set clip-norm")
    }
    preconditionFailure("agree has thrown")
  }
}
