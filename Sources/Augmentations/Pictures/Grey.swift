import CKernels
import Configuration
import Tensors

/// The picture without its colours.
public struct Grey: Augmentation {
  public static let kind = "grey"
  public static let summary = "takes the colours out of a picture of three channels"

  private let probability: Double

  public init(_ settings: ConfigReader) throws {
    probability = try settings.probability(default: 0.1)
  }

  public func bound(to training: TrainingSamples) throws -> any Augmentation {
    try training.requirePictures(channels: 3)
    return self
  }

  public func augment(_ sample: FloatView, _ form: SampleForm, _ draws: inout Draws, scratch: FloatView) {
    guard draws.happens(probability) else { return }
    draws.note("grey")
    sample.saturate(form, 0)
  }
}
