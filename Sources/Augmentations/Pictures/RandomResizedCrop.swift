import CKernels
import Configuration
import Datasets
import Tensors

/// A part of the picture of another size and form, brought to the picture's size.
///
/// Szegedy et al.: *Going deeper with convolutions* (CVPR 2015); drawn by torchvision's rules.
public struct RandomResizedCrop: WindowAugmentation {
  public static let kind = "random-resized-crop"
  public static let summary = "a part of the picture of random size and form, brought to the picture's size"

  /// The part's area, of that of the picture.
  private let scale: ClosedRange<Double>
  /// Logarithms of its width by its height.
  private let logRatio: ClosedRange<Double>
  private let ratio: ClosedRange<Double>

  public init(_ settings: ConfigReader) throws {
    scale = try settings.range("scale", default: 0.08...1, in: .above(0, through: 1))
    ratio = try settings.range("ratio", default: 0.75...4 / 3, in: .above(0, through: 100))
    logRatio = ck_log(ratio.lowerBound)...ck_log(ratio.upperBound)
  }

  public func bound(to training: TrainingSamples) throws -> any Augmentation {
    try training.requirePictures()
    return self
  }

  public func scratchCount(_ form: SampleForm) -> Int { form.shape.count }

  /// Ten tries, then the largest part in the middle whose form is allowed.
  public func window(height: Int, width: Int, _ draws: inout Draws) -> PixelWindow {
    let area = Double(height * width)
    for _ in 0..<10 {
      let target = area * draws.number(in: scale)
      let form = ck_exponential(draws.number(in: logRatio))
      let w = Int((target * form).squareRoot().rounded(.toNearestOrEven))
      let h = Int((target / form).squareRoot().rounded(.toNearestOrEven))
      guard w > 0, w <= width, h > 0, h <= height else { continue }
      return noted(
        PixelWindow(
          top: draws.whole(in: 0...height - h), left: draws.whole(in: 0...width - w), height: h, width: w), draws)
    }
    let own = Double(width) / Double(height)
    let (w, h) =
      if own < ratio.lowerBound {
        (width, Int((Double(width) / ratio.lowerBound).rounded(.toNearestOrEven)))
      } else if own > ratio.upperBound {
        (Int((Double(height) * ratio.upperBound).rounded(.toNearestOrEven)), height)
      } else {
        (width, height)
      }
    let (height1, width1) = (max(1, min(h, height)), max(1, min(w, width)))
    return noted(
      PixelWindow(top: (height - height1) / 2, left: (width - width1) / 2, height: height1, width: width1), draws)
  }

  private func noted(_ window: PixelWindow, _ draws: Draws) -> PixelWindow {
    draws.note("top", Double(window.top))
    draws.note("left", Double(window.left))
    draws.note("height", Double(window.height))
    draws.note("width", Double(window.width))
    return window
  }

  public func augment(_ sample: FloatView, _ form: SampleForm, _ draws: inout Draws, scratch: FloatView) {
    let window = window(height: form.height, width: form.width, &draws)
    scratch[0..<sample.count].assign(sample)
    let (x, y) = (Double(window.width) / Double(form.width), Double(window.height) / Double(form.height))
    let map = PixelMap(
      x, 0, 0.5 * x - 0.5 + Double(window.left), 0, y, 0.5 * y - 0.5 + Double(window.top))
    map.resample(scratch, into: sample, form, of: window, edge: Int32(CK_EDGE_NEAREST), fill: 0)
  }
}
