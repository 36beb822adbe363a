import CKernels
import Configuration
import Tensors

/// A rectangle of a picture replaced by that of another one.
///
/// Yun et al.: *CutMix* (ICCV 2019). The share is drawn for each sample, and is in the end that of the pixels that stayed.
public struct CutMix: MixingAugmentation {
  public static let kind = "cutmix"
  public static let summary =
    "puts a rectangle of the picture before it in the micro-batch into a picture, and mixes targets"

  private let alpha: Double
  private let probability: Double

  public init(_ settings: ConfigReader) throws {
    alpha = try settings.double("alpha", default: 1, in: 0.01...100)
    probability = try settings.probability(default: 1)
  }

  public func bound(to training: TrainingSamples) throws -> any Augmentation {
    try training.requirePictures()
    return self
  }

  public func mix(_ sample: FloatView, with partner: FloatView, _ form: SampleForm, _ draws: inout Draws) -> Float {
    guard draws.happens(probability) else { return 1 }
    let (H, W) = (form.height, form.width)
    // The rectangle's middle is anywhere, and what lies outside of the picture is cut off; as in the paper and torchvision.
    let side = (1 - draws.beta(alpha)).squareRoot()
    let (row, column) = (draws.whole(in: 0...H - 1), draws.whole(in: 0...W - 1))
    let (h, w) = (Int(0.5 * side * Double(H)), Int(0.5 * side * Double(W)))
    let (top, left) = (max(0, row - h), max(0, column - w))
    let (height, width) = (min(H, row + h) - top, min(W, column + w) - left)
    draws.note("top", Double(top))
    draws.note("left", Double(left))
    draws.note("height", Double(height))
    draws.note("width", Double(width))
    ck_copy_rectangle(sample.base, partner.base, W, form.channels, top, left, height, width)
    return 1 - Float(height * width) / Float(H * W)
  }
}
