import Configuration
import Tensors

/// The picture turned about its middle.
public struct Rotate: Augmentation {
  public static let kind = "rotate"
  public static let summary = "turns a picture about its middle by up to so many degrees, either way"

  private let degrees: Double
  private let fill: Float
  private let probability: Double

  public init(_ settings: ConfigReader) throws {
    degrees = try settings.double("degrees", default: 15, in: 0...180)
    fill = try settings.fill()
    probability = try settings.probability(default: 1)
  }

  public func bound(to training: TrainingSamples) throws -> any Augmentation {
    try training.requirePictures()
    return self
  }

  public func scratchCount(_ form: SampleForm) -> Int { form.shape.count }

  public func augment(_ sample: FloatView, _ form: SampleForm, _ draws: inout Draws, scratch: FloatView) {
    guard draws.happens(probability) else { return }
    let angle = draws.number(in: -degrees...degrees)
    draws.note("degrees", angle)
    // Counter-clockwise, as the field turns.
    PixelMap(form, angle: -angle).resample(sample, form, fill: fill * form.white, scratch: scratch)
  }
}
