import CKernels
import Configuration
import Tensors

/// The picture with its bright parts inverted.
public struct Solarise: Augmentation {
  public static let kind = "solarise"
  public static let summary = "inverts what is at least so bright in a picture"

  private let threshold: Double
  private let probability: Double

  public init(_ settings: ConfigReader) throws {
    threshold = try settings.double("threshold", default: 0.5, in: 0...1)
    probability = try settings.probability(default: 0.5)
  }

  public func bound(to training: TrainingSamples) throws -> any Augmentation {
    try training.requirePictures()
    return self
  }

  public func augment(_ sample: FloatView, _ form: SampleForm, _ draws: inout Draws, scratch: FloatView) {
    guard draws.happens(probability) else { return }
    draws.note("solarised")
    ck_solarise(sample.base, sample.count, Float(threshold) * form.white, form.white)
  }
}
