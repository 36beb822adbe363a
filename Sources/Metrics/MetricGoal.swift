/// Which of two values of a score is the better one.
public enum MetricGoal: String, Sendable {
  case maximize, minimize

  /// Whether a value is better than another by more than `least`; NaN is not.
  public func isBetter(_ value: Double, than other: Double, byMoreThan least: Double = 0) -> Bool {
    self == .maximize ? value - other > least : other - value > least
  }
}
