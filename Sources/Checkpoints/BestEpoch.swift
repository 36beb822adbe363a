/// The best epoch of a run so far, by a score of the data that it is watched by.
public struct BestEpoch: Codable, Equatable, Sendable {
  /// The score, as files have it: `validation-loss`.
  public var metric: String
  public var value: Double
  /// Steps and epochs done when it was measured; there is a checkpoint of that step.
  public var step: Int
  public var epoch: Int
  /// Epochs done at the last measurement, the best one or a later one.
  public var measured: Int

  package init(metric: String, value: Double, step: Int, epoch: Int) {
    (self.metric, self.value, self.step, self.epoch, measured) = (metric, value, step, epoch, epoch)
  }
}
