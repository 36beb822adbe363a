import CKernels
import Configuration
import Tensors

/// The picture's negative.
public struct Invert: ToneAugmentation {
  public static let kind = "invert"
  public static let summary = "turns a picture into its negative"

  let probability: Double

  public init(_ settings: ConfigReader) throws {
    probability = try settings.probability(default: 0.5)
  }

  var note: (name: StaticString, value: Double?) { ("inverted", nil) }

  func apply(to picture: FloatView, _ form: SampleForm) {
    ck_solarise(picture.base, picture.count, 0, form.white)
  }
}
