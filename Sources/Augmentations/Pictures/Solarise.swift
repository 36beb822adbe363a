import CKernels
import Configuration
import Tensors

/// The picture with its bright parts inverted.
public struct Solarise: ToneAugmentation {
  public static let kind = "solarise"
  public static let summary = "inverts what is at least so bright in a picture"

  private let threshold: Double
  let probability: Double

  public init(_ settings: ConfigReader) throws {
    threshold = try settings.double("threshold", default: 0.5, in: 0...1)
    probability = try settings.probability(default: 0.5)
  }

  var note: (name: StaticString, value: Double?) { ("solarised", nil) }

  func apply(to picture: FloatView, _ form: SampleForm) {
    ck_solarise(picture.base, picture.count, Float(threshold) * form.white, form.white)
  }
}
