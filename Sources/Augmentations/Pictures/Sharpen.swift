import CKernels
import Configuration
import Tensors

/// The picture sharpened, or smoothed.
public struct Sharpen: Augmentation {
  public static let kind = "sharpen"
  public static let summary = "sharpens a picture, or smooths it, by a factor that is drawn: 0 smooths, 1 leaves it"

  private let factor: ClosedRange<Double>
  private let probability: Double

  public init(_ settings: ConfigReader) throws {
    factor = try settings.range("factor", default: 0.5...2, in: 0...100)
    probability = try settings.probability(default: 0.5)
  }

  public func bound(to training: TrainingSamples) throws -> any Augmentation {
    try training.requirePictures()
    return self
  }

  public func scratchCount(_ form: SampleForm) -> Int { form.shape.count }

  public func augment(_ sample: FloatView, _ form: SampleForm, _ draws: inout Draws, scratch: FloatView) {
    guard draws.happens(probability) else { return }
    let factor = draws.number(in: factor)
    draws.note("factor", factor)
    sample.sharpen(form, factor, scratch: scratch)
  }
}
