/// What a slot of the parameters is for, and with that what a step does to it.
public enum SlotRole: Sendable, Hashable {
  /// Learned; weight decay, where there is one, always applies.
  case weight
  /// Learned: a bias, or the scale or shift of a normalisation. Weight decay may leave it out.
  case bias
  /// Not learned: the running statistic of a normalisation, running ← (1 - momentum)·running + momentum·mean.
  ///
  /// Backward overwrites the slot of its leaf with a *sum* over the present samples of its micro-batch; `mean` is the
  /// sum of the leaves along the canonical tree, divided by the number of samples in the batch.
  case statistic(momentum: Float)

  /// Whether the optimizer moves it.
  public var isLearned: Bool {
    if case .statistic = self { false } else { true }
  }
}
