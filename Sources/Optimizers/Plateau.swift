/// When the learning rate falls by a factor: when a score of the data that training is watched by has not improved for some epochs.
///
/// As Keras' `ReduceLROnPlateau`; the patience of PyTorch's is one less. Whoever evaluates counts the falls.
public struct Plateau: Hashable, Sendable {
  /// What the rate is multiplied by each time.
  public let factor: Double
  /// Epochs without an improvement after which it is; they are counted anew then.
  public let patience: Int
  /// The score, as files have it: `loss`, `f1`, and of one of several targets `f1/Status`.
  public let metric: String
  /// A score must be better by more than this to count as better.
  public let leastImprovement: Double
  /// Epochs after each fall that are not counted.
  public let cooldown: Int
  /// The rate falls no lower.
  public let minimum: Double

  /// The rate becomes a tenth when the loss has not improved for ten epochs, unless something else is said.
  ///
  /// A factor outside of 0..<1, or a patience below 1, is a programmer's mistake.
  public init(
    factor: Double = 0.1, patience: Int = 10, metric: String = "loss", leastImprovement: Double = 0, cooldown: Int = 0,
    minimum: Double = 0
  ) {
    precondition(factor >= 0 && factor < 1 && patience > 0, "a factor of \(factor), a patience of \(patience)")
    (self.factor, self.patience, self.metric, self.minimum) = (factor, patience, metric, minimum)
    (self.leastImprovement, self.cooldown) = (leastImprovement, cooldown)
  }
}
