/// How far a run has come whose learning rate falls when a score no longer improves. All ranks have the same.
public struct PlateauState: Codable, Equatable, Sendable {
  /// How often the rate has fallen.
  public var reductions = 0
  /// The best score so far; nil where none was measured.
  public var best: Double?
  /// Epochs done at the last improvement, or at the end of the cooldown after the last fall, which may be still to come.
  public var since = 0

  package init() {}
}
