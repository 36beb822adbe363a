import CKernels
import Configuration
import Tensors

/// The picture with fewer levels of each colour.
public struct Posterise: ToneAugmentation {
  public static let kind = "posterise"
  public static let summary = "keeps so many bits of a picture's levels"

  private let bits: Int
  let probability: Double

  public init(_ settings: ConfigReader) throws {
    bits = try settings.int("bits", default: 4, in: 1...8)
    probability = try settings.probability(default: 0.5)
  }

  var note: (name: StaticString, value: Double?) { ("bits", Double(bits)) }

  func apply(to picture: FloatView, _ form: SampleForm) {
    ck_posterise(picture.base, picture.count, Int32(bits), form.white)
  }
}
