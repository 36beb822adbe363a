import CKernels
import Configuration
import Tensors

/// Brightness, contrast, saturation and hue changed, in an order that is drawn.
public struct ColourJitter: Augmentation {
  public static let kind = "colour-jitter"
  public static let summary = "changes brightness, contrast, saturation and hue of a picture, in an order that is drawn"

  private let brightness: Double
  private let contrast: Double
  private let saturation: Double
  /// Of the circle.
  private let hue: Double
  private let probability: Double

  public init(_ settings: ConfigReader) throws {
    brightness = try settings.double("brightness", default: 0.2, in: 0...10)
    contrast = try settings.double("contrast", default: 0.2, in: 0...10)
    saturation = try settings.double("saturation", default: 0, in: 0...10)
    hue = try settings.double("hue", default: 0, in: 0...0.5)
    probability = try settings.probability(default: 1)
    guard brightness > 0 || contrast > 0 || saturation > 0 || hue > 0 else {
      throw settings.failure(
        at: "brightness", "expected one of brightness, contrast, saturation and hue above 0, found none",
        cure: "set one of them, or leave colour-jitter out")
    }
  }

  public func bound(to training: TrainingSamples) throws -> any Augmentation {
    try training.requirePictures(channels: saturation > 0 || hue > 0 ? 3 : nil)
    return self
  }

  public func augment(_ sample: FloatView, _ form: SampleForm, _ draws: inout Draws, scratch: FloatView) {
    guard draws.happens(probability) else { return }
    // The order (Fisher and Yates), before what is drawn for each.
    var order: SIMD4<UInt8> = [0, 1, 2, 3]
    for last in (1...3).reversed() {
      let other = draws.whole(in: 0...last)
      (order[last], order[other]) = (order[other], order[last])
    }
    func factor(_ most: Double, _ draws: inout Draws) -> Double { draws.number(in: max(0, 1 - most)...1 + most) }
    for place in 0..<4 {
      switch order[place] {
      case 0 where brightness > 0:
        let factor = factor(brightness, &draws)
        draws.note("brightness", factor)
        sample.brighten(form, factor)
      case 1 where contrast > 0:
        let factor = factor(contrast, &draws)
        draws.note("contrast", factor)
        sample.contrast(form, factor)
      case 2 where saturation > 0:
        let factor = factor(saturation, &draws)
        draws.note("saturation", factor)
        sample.saturate(form, factor)
      case 3 where hue > 0:
        let turn = draws.number(in: -hue...hue)
        draws.note("hue", turn)
        ck_turn_hue(sample.base, form.pixels, Float(turn), form.white)
      default: break
      }
    }
  }
}

/// What is done to the colours of a picture, in place: a factor of 1 leaves it as it is.
extension FloatView {
  /// Factor 0: black.
  func brighten(_ form: SampleForm, _ factor: Double) {
    ck_blend_constant(base, count, Float(factor), 0, form.white)
  }

  /// Factor 0: its mean grey everywhere.
  func contrast(_ form: SampleForm, _ factor: Double) {
    ck_blend_constant(
      base, count, Float(factor), Float(ck_mean_grey(base, form.pixels, form.channels)), form.white)
  }

  /// Factor 0: grey. Nothing where there are not three channels.
  func saturate(_ form: SampleForm, _ factor: Double) {
    if form.channels == 3 { ck_blend_grey(base, form.pixels, Float(factor), form.white) }
  }

  /// Factor 0: smoothed; above 1: sharper.
  func sharpen(_ form: SampleForm, _ factor: Double, scratch: FloatView) {
    scratch[0..<count].assign(self)
    ck_sharpen_picture(base, scratch.base, form.height, form.width, form.channels, Float(factor), form.white)
  }
}
