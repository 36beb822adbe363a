import CKernels
import Configuration
import Tensors

/// The picture with all levels equally often.
public struct Equalise: Augmentation {
  public static let kind = "equalise"
  public static let summary = "gives a picture's channels all levels equally often, as PIL's equalize does"

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
    draws.note("equalised")
    ck_equalise(sample.base, form.pixels, form.channels, form.white)
  }
}
