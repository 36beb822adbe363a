import Diagnostics
import Layers
import Losses
import Tensors

// Outputs of a row a position, where sequences end before the last one. A target behind the end is to count for nothing: it becomes
// the class that the loss ignores, so that sums, weights, metrics and counts of targets leave it out as they do any such.

extension Plan {
  /// The loss with which passes of this plan are computed: where its outputs are of positions some of which may be padding, one that
  /// ignores a class.
  package func lossOfRealTargets(_ loss: any Loss) -> any Loss {
    guard outputSequence != nil, loss.ignored == nil else { return loss }
    return loss.ignoring(.min) ?? loss
  }

  /// Throws a bad configuration (78) where outputs are of positions some of which may be padding, and `loss` could not leave them out.
  package func checkRealTargets(_ loss: any Loss) throws(Failure) {
    guard outputSequence != nil, lossOfRealTargets(loss).ignored == nil else { return }
    throw Failure(
      .badConfiguration, at: "loss",
      "expected one that can leave out what is behind a sequence's end, as the model has an output a position and an embedding with "
        + "padding, found \(loss.kind)",
      cure: "use cross-entropy, or make one row of the positions, as mean-positions does")
  }
}

extension LaneBox.Samples {
  /// These, behind the plan's `forward`, with targets that `loss` ignores behind the ends of sequences.
  func real(of plan: Plan, _ lane: borrowing Lane, _ loss: any Loss) -> Self {
    Self(
      input: input, targets: plan.real(targets, lane, ignored: loss.ignored), weights: weights, mixture: mixture,
      lesson: lesson, features: features, valid: valid)
  }
}
