import CKernels
import Configuration
import Tensors

/// What RandAugment and TrivialAugment choose from: torchvision's table of operations.
enum PictureOperation: Int, CaseIterable, Sendable {
  case identity, shearX, shearY, translateX, translateY, rotate, brightness, colour, contrast, sharpness, posterise,
    solarise, autoContrast, equalise

  /// How many there are.
  static let count = allCases.count

  /// What a strength means.
  enum Table: Sendable {
    /// Cubuk et al.: *RandAugment* (NeurIPS 2020).
    case rand
    /// Müller, Hutter: *TrivialAugment* (ICCV 2021), wide.
    case trivialWide
  }

  /// Strength `bin` of `bins`, both counted from 0 to `bins` - 1; without its sign.
  func strength(_ bin: Int, of bins: Int, _ table: Table, _ form: SampleForm) -> Double {
    let part = bins > 1 ? Double(bin) / Double(bins - 1) : 0
    let isWide = if case .trivialWide = table { true } else { false }
    switch self {
    case .shearX, .shearY: return part * (isWide ? 0.99 : 0.3)
    // Whole pixels.
    case .translateX: return (part * (isWide ? 32 : 150.0 / 331 * Double(form.width))).rounded(.down)
    case .translateY: return (part * (isWide ? 32 : 150.0 / 331 * Double(form.height))).rounded(.down)
    case .rotate: return part * (isWide ? 135 : 30)
    case .brightness, .colour, .contrast, .sharpness: return part * (isWide ? 0.99 : 0.9)
    case .posterise: return 8 - (part * (isWide ? 6 : 4)).rounded(.toNearestOrEven)
    case .solarise: return 1 - part
    case .identity, .autoContrast, .equalise: return 0
    }
  }

  /// Whether a strength may also be below 0, by a coin.
  var isSigned: Bool {
    switch self {
    case .identity, .posterise, .solarise, .autoContrast, .equalise: false
    default: true
    }
  }

  var name: StaticString {
    switch self {
    case .identity: "identity"
    case .shearX: "shear-x"
    case .shearY: "shear-y"
    case .translateX: "translate-x"
    case .translateY: "translate-y"
    case .rotate: "rotate"
    case .brightness: "brightness"
    case .colour: "colour"
    case .contrast: "contrast"
    case .sharpness: "sharpness"
    case .posterise: "posterise"
    case .solarise: "solarise"
    case .autoContrast: "auto-contrast"
    case .equalise: "equalise"
    }
  }

  /// Changes a picture in place. `scratch` has room for it.
  func apply(_ strength: Double, to picture: FloatView, _ form: SampleForm, fill: Float, scratch: FloatView) {
    let (base, n, white) = (picture.base, picture.count, form.white)
    switch self {
    case .identity: break
    // A shear by its tangent, about the upper left corner.
    case .shearX:
      PixelMap(1, strength, 0.5 * strength, 0, 1, 0).resample(picture, form, fill: fill, scratch: scratch)
    case .shearY:
      PixelMap(1, 0, 0, strength, 1, 0.5 * strength).resample(picture, form, fill: fill, scratch: scratch)
    case .translateX:
      picture.move(
        form, down: 0, right: -Int(strength), edge: Int32(CK_EDGE_FILL), fill: fill, scratch: scratch)
    case .translateY:
      picture.move(
        form, down: -Int(strength), right: 0, edge: Int32(CK_EDGE_FILL), fill: fill, scratch: scratch)
    case .rotate: PixelMap(form, angle: -strength).resample(picture, form, fill: fill, scratch: scratch)
    case .brightness: picture.brighten(form, 1 + strength)
    case .colour: picture.saturate(form, 1 + strength)
    case .contrast: picture.contrast(form, 1 + strength)
    case .sharpness: picture.sharpen(form, 1 + strength, scratch: scratch)
    case .posterise: ck_posterise(base, n, Int32(strength), white)
    case .solarise: ck_solarise(base, n, Float(strength) * white, white)
    case .autoContrast: ck_stretch_contrast(base, form.pixels, form.channels, white)
    case .equalise: ck_equalise(base, form.pixels, form.channels, white)
    }
  }
}

extension Draws {
  /// One of them, and then its sign, where it has one.
  mutating func operation() -> PictureOperation {
    PictureOperation(rawValue: whole(in: 0...PictureOperation.count - 1))!
  }

  mutating func signed(_ strength: Double, _ operation: PictureOperation) -> Double {
    operation.isSigned && word() & 1 == 1 ? -strength : strength
  }
}
