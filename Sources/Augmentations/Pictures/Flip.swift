import CKernels
import Configuration
import Tensors

/// The picture mirrored.
public struct Flip: Augmentation {
  public static let kind = "flip"
  public static let summary = "mirrors a picture, left and right, or top and bottom"

  enum Direction: String, CaseIterable, Sendable { case horizontal, vertical }

  private let direction: Direction
  private let probability: Double

  public init(_ settings: ConfigReader) throws {
    direction = try settings.option("direction", default: .horizontal)
    probability = try settings.probability(default: 0.5)
  }

  public func bound(to training: TrainingSamples) throws -> any Augmentation {
    try training.requirePictures()
    return self
  }

  public func augment(_ sample: FloatView, _ form: SampleForm, _ draws: inout Draws, scratch: FloatView) {
    guard draws.happens(probability) else { return }
    draws.note("mirrored")
    switch direction {
    case .horizontal: ck_flip_columns(sample.base, form.height, form.width, form.channels)
    case .vertical: ck_flip_rows(sample.base, form.height, form.width, form.channels)
    }
  }
}
