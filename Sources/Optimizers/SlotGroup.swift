import Tensors

/// Slots that are updated otherwise than the others: `groups` in a configuration.
///
/// ```swift
/// let backbone = SlotGroup(["features.*"], rate: 0.1)
/// ```
public struct SlotGroup: Sendable {
  /// Which slots; one that several groups name belongs to the first.
  public let slots: [NamePattern]
  /// What the learning rate is multiplied by.
  public let rate: Double
  /// In the place of the optimizer's own; nil: that one.
  public let weightDecay: Double?

  public init(_ slots: [NamePattern], rate: Double = 1, weightDecay: Double? = nil) {
    precondition(rate >= 0 && weightDecay ?? 0 >= 0, "a rate and a weight decay of at least 0")
    (self.slots, self.rate, self.weightDecay) = (slots, rate, weightDecay)
  }
}
