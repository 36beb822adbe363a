import CKernels
import Configuration
import Tensors

/// The picture with all levels equally often.
public struct Equalise: ToneAugmentation {
  public static let kind = "equalise"
  public static let summary = "gives a picture's channels all levels equally often, as PIL's equalize does"

  let probability: Double

  public init(_ settings: ConfigReader) throws {
    probability = try settings.probability(default: 0.5)
  }

  var note: (name: StaticString, value: Double?) { ("equalised", nil) }

  func apply(to picture: FloatView, _ form: SampleForm) {
    ck_equalise(picture.base, form.pixels, form.channels, form.white)
  }
}
