import Tensors

/// How a stored picture is to be turned to be seen upright: the eight values of EXIF's tag Orientation (Exif 2.32, 4.6.4).
package enum Orientation: Int, Sendable, CaseIterable {
  case upright = 1
  case mirrored, upsideDown, flipped
  /// Rows become columns.
  case transposed, clockwise, transversed, counterclockwise

  /// Whether height and width change places.
  package var swapsSides: Bool { rawValue >= 5 }

  /// Where a pixel of the upright picture is stored, in a picture that is stored as `height`×`width`.
  package func stored(_ y: Int, _ x: Int, height: Int, width: Int) -> (y: Int, x: Int) {
    switch self {
    case .upright: (y, x)
    case .mirrored: (y, width - 1 - x)
    case .upsideDown: (height - 1 - y, width - 1 - x)
    case .flipped: (height - 1 - y, x)
    case .transposed: (x, y)
    case .clockwise: (height - 1 - x, y)
    case .transversed: (height - 1 - x, width - 1 - y)
    case .counterclockwise: (x, width - 1 - y)
    }
  }

  /// The rectangle that is stored of one of the upright picture.
  package func stored(_ box: PixelWindow, height: Int, width: Int) -> PixelWindow {
    let one = stored(box.top, box.left, height: height, width: width)
    let other = stored(box.top + box.height - 1, box.left + box.width - 1, height: height, width: width)
    return PixelWindow(
      top: min(one.y, other.y), left: min(one.x, other.x), height: abs(one.y - other.y) + 1,
      width: abs(one.x - other.x) + 1)
  }
}
