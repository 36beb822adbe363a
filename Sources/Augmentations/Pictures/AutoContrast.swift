import CKernels
import Configuration
import Tensors

/// The picture with each channel stretched over all levels.
public struct AutoContrast: Augmentation {
  public static let kind = "auto-contrast"
  public static let summary = "stretches each channel of a picture from black to white"

  private let probability: Double

  public init(_ settings: ConfigReader) throws {
    probability = try settings.probability(default: 0.5)
  }

  public func bound(to training: TrainingSamples) throws -> any Augmentation {
    try training.requirePictures()
    return self
  }

  public func augment(_ sample: FloatView, _ form: SampleForm, _ draws: inout Draws, scratch: FloatView) {
    guard draws.happens(probability) else { return }
    draws.note("stretched")
    ck_stretch_contrast(sample.base, form.pixels, form.channels, form.white)
  }
}
