import Configuration
import Tensors

/// The picture turned, moved, scaled and sheared about its middle.
public struct Affine: Augmentation {
  public static let kind = "affine"
  public static let summary = "turns, moves, scales and shears a picture about its middle, bilinearly"

  private let rotate: Double
  /// Of the picture's width and height.
  private let translate: Double
  private let scale: ClosedRange<Double>
  private let shear: Double
  private let fill: Float
  private let probability: Double

  public init(_ settings: ConfigReader) throws {
    rotate = try settings.double("rotate", default: 10, in: 0...180)
    translate = try settings.double("translate", default: 0.1, in: 0...1)
    scale = try settings.range("scale", default: 0.9...1.1, in: 0.01...100)
    shear = try settings.double("shear", default: 5, in: 0..<90)
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
    let angle = draws.number(in: -rotate...rotate)
    // Whole pixels, as torchvision's.
    let (right, down) = (
      (draws.number(in: -translate...translate) * Double(form.width)).rounded(.toNearestOrEven),
      (draws.number(in: -translate...translate) * Double(form.height)).rounded(.toNearestOrEven)
    )
    let (size, slant) = (draws.number(in: scale), draws.number(in: -shear...shear))
    draws.note("degrees", angle)
    draws.note("right", right)
    draws.note("down", down)
    draws.note("scale", size)
    draws.note("shear", slant)
    PixelMap(form, angle: angle, right: right, down: down, scale: size, shear: (slant, 0))
      .resample(sample, form, fill: fill * form.white, scratch: scratch)
  }
}
