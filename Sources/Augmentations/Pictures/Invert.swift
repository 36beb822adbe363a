import CKernels
import Configuration
import Tensors

/// The picture's negative.
public struct Invert: Augmentation {
  public static let kind = "invert"
  public static let summary = "turns a picture into its negative"

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
    draws.note("inverted")
    ck_solarise(sample.base, sample.count, 0, form.white)
  }
}
