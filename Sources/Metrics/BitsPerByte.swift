import Configuration
import Foundation

/// The mean loss in bits for each byte of the text: what a compressor by this model would need, whatever its tokens are.
///
/// loss · tokens / bytes / ln 2, where the loss is in nats for each token, and bytes are those of the text that the targets stand for.
/// So vocabularies can be compared, and models with compressors.
public struct BitsPerByte: Metric {
  public static let kind = "bits-per-byte"
  public static let summary = "the mean loss of a text in bits for each of its bytes"
  public static let goal = MetricGoal.minimize

  /// It has no settings.
  public init() {}
  public init(_ settings: ConfigReader) {}

  public func tally(of task: LearningTask) -> (any Tally)? {
    if case .tokens(_?, _) = task { NoTally() } else { nil }
  }

  public func score(of task: LearningTask, _ totals: Totals) -> Double? {
    guard case .tokens(let bytes?, _) = task, bytes > 0 else { return nil }
    return totals.loss / bytes / log(2)
  }
}
