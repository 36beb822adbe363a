import CKernels
import Configuration
import Tensors

/// A rectangle of the picture erased.
///
/// Zhong et al.: *Random erasing data augmentation* (AAAI 2020), drawn by torchvision's rules; DeVries, Taylor 2017.
public struct CutOut: Augmentation {
  public static let kind = "cut-out"
  public static let summary = "erases a rectangle of a picture, of random place, size and form"

  private let scale: ClosedRange<Double>
  private let logRatio: ClosedRange<Double>
  private let fill: Float
  private let probability: Double

  public init(_ settings: ConfigReader) throws {
    probability = try settings.probability(default: 0.5)
    scale = try settings.range("scale", default: 0.02...0.33, in: .above(0, through: 1))
    let ratio = try settings.range("ratio", default: 0.3...3.3, in: .above(0, through: 100))
    logRatio = ck_log(ratio.lowerBound)...ck_log(ratio.upperBound)
    fill = try settings.fill()
  }

  public func bound(to training: TrainingSamples) throws -> any Augmentation {
    try training.requirePictures()
    return self
  }

  public func augment(_ sample: FloatView, _ form: SampleForm, _ draws: inout Draws, scratch: FloatView) {
    guard draws.happens(probability) else { return }
    for _ in 0..<10 {
      let target = Double(form.pixels) * draws.number(in: scale)
      let ratio = ck_exponential(draws.number(in: logRatio))
      let h = Int((target * ratio).squareRoot().rounded(.toNearestOrEven))
      let w = Int((target / ratio).squareRoot().rounded(.toNearestOrEven))
      guard h > 0, h < form.height, w > 0, w < form.width else { continue }
      let (top, left) = (draws.whole(in: 0...form.height - h), draws.whole(in: 0...form.width - w))
      draws.note("top", Double(top))
      draws.note("left", Double(left))
      draws.note("height", Double(h))
      draws.note("width", Double(w))
      return ck_fill_rectangle(sample.base, form.width, form.channels, top, left, h, w, fill * form.white)
    }
  }
}
