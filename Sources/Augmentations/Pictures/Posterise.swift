import CKernels
import Configuration
import Tensors

/// The picture with fewer levels of each colour.
public struct Posterise: Augmentation {
  public static let kind = "posterise"
  public static let summary = "keeps so many bits of a picture's levels"

  private let bits: Int
  private let probability: Double

  public init(_ settings: ConfigReader) throws {
    bits = try settings.int("bits", default: 4, in: 1...8)
    probability = try settings.probability(default: 0.5)
  }

  public func bound(to training: TrainingSamples) throws -> any Augmentation {
    try training.requirePictures()
    return self
  }

  public func augment(_ sample: FloatView, _ form: SampleForm, _ draws: inout Draws, scratch: FloatView) {
    guard draws.happens(probability) else { return }
    draws.note("bits", Double(bits))
    ck_posterise(sample.base, sample.count, Int32(bits), form.white)
  }
}
