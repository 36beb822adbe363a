import CKernels
import Configuration
import Tensors

/// A part of the picture's own size, cut out of the picture with so many pixels around it.
public struct RandomCrop: Augmentation {
  public static let kind = "random-crop"
  public static let summary = "moves a picture by up to so many pixels, as cropping it out of a padded one does"

  /// What stands around the picture, as in torchvision.
  enum Mode: String, CaseIterable, Sendable {
    case constant, edge, reflect

    var edge: Int32 {
      switch self {
      case .constant: Int32(CK_EDGE_FILL)
      case .edge: Int32(CK_EDGE_NEAREST)
      case .reflect: Int32(CK_EDGE_REFLECT)
      }
    }
  }

  private let padding: Int
  private let mode: Mode
  private let fill: Float

  public init(_ settings: ConfigReader) throws {
    padding = try settings.int("padding", default: 4, in: 1...4096)
    mode = try settings.option("padding-mode", default: .constant)
    fill = try settings.fill()
  }

  public func bound(to training: TrainingSamples) throws -> any Augmentation {
    try training.requirePictures()
    return self
  }

  public func scratchCount(_ form: SampleForm) -> Int { form.shape.count }

  public func augment(_ sample: FloatView, _ form: SampleForm, _ draws: inout Draws, scratch: FloatView) {
    let (down, right) = (draws.whole(in: -padding...padding), draws.whole(in: -padding...padding))
    draws.note("down", Double(-down))
    draws.note("right", Double(-right))
    sample.move(form, down: down, right: right, edge: mode.edge, fill: fill * form.white, scratch: scratch)
  }
}

extension FloatView {
  /// What `ck_move_picture` makes of a picture.
  func move(_ form: SampleForm, down: Int, right: Int, edge: Int32, fill: Float, scratch: FloatView) {
    guard down != 0 || right != 0 else { return }
    scratch[0..<count].assign(self)
    ck_move_picture(base, scratch.base, form.height, form.width, form.channels, down, right, edge, fill)
  }
}
