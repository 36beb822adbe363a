import Configuration
import Datasets
import Tensors

/// Some tokens of a text left out: those behind them move up, and padding stands behind the last one.
public struct DropTokens: Augmentation {
  public static let kind = "drop-tokens"
  public static let summary = "leaves out some tokens of a text that has one target; padding fills its end"

  private let probability: Double
  private var padding: Float = 0

  public init(_ settings: ConfigReader) throws { probability = try settings.probability(default: 0.1) }

  public func bound(to training: TrainingSamples) throws -> any Augmentation {
    let vocabulary = try training.requireTokens()
    guard !training.dataset.isText, let padding = vocabulary.padding else {
      throw AugmentationMisfit(
        expected: "texts of one target, with padding behind short ones", found: training.form.text,
        cure: "mask-tokens leaves positions where they are")
    }
    var bound = self
    bound.padding = Float(padding)
    return bound
  }

  public func augment(_ sample: FloatView, _ form: SampleForm, _ draws: inout Draws, scratch: FloatView) {
    var kept = 0
    var dropped = 0
    for position in 0..<sample.count where sample[position] != padding {
      if draws.happens(probability) {
        dropped += 1
      } else {
        sample[kept] = sample[position]
        kept += 1
      }
    }
    for position in kept..<sample.count { sample[position] = padding }
    draws.note("tokens dropped", Double(dropped))
  }
}
