import CKernels
import Configuration
import Tensors

/// The picture with each channel stretched over all levels.
public struct AutoContrast: ToneAugmentation {
  public static let kind = "auto-contrast"
  public static let summary = "stretches each channel of a picture from black to white"

  let probability: Double

  public init(_ settings: ConfigReader) throws {
    probability = try settings.probability(default: 0.5)
  }

  var note: (name: StaticString, value: Double?) { ("stretched", nil) }

  func apply(to picture: FloatView, _ form: SampleForm) {
    ck_stretch_contrast(picture.base, form.pixels, form.channels, form.white)
  }
}
