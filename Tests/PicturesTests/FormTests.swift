import Pictures
import Tensors
import Testing

/// Which part of a picture is resized, and where it comes to lie.
@Suite struct FormTests {
  private func form(_ height: Int, _ width: Int, _ fit: PictureForm.Fit) -> PictureForm {
    PictureForm(height: height, width: width, channels: .rgb, fit: fit)
  }

  @Test func crops() {
    #expect(
      form(32, 32, .crop).placing(height: 64, width: 96).part == PixelWindow(top: 0, left: 16, height: 64, width: 64))
    #expect(
      form(20, 50, .crop).placing(height: 64, width: 96).part == PixelWindow(top: 13, left: 0, height: 38, width: 96))
    #expect(
      form(9, 9, .crop).placing(height: 1, width: 1000).part == PixelWindow(top: 0, left: 499, height: 1, width: 1))
  }

  @Test func pads() {
    #expect(
      form(32, 32, .pad).placing(height: 64, width: 96).place == PixelWindow(top: 5, left: 0, height: 21, width: 32))
    #expect(
      form(32, 32, .pad).placing(height: 1000, width: 1).place == PixelWindow(top: 0, left: 15, height: 32, width: 1))
  }

  /// Of all small pictures and samples: the part lies in the picture, the place in the sample.
  @Test func everythingLiesInside() {
    for fit in PictureForm.Fit.allCases {
      for (height, width) in sizes {
        for (h, w) in sizes {
          let (part, place) = form(h, w, fit).placing(height: height, width: width)
          #expect(part.top >= 0 && part.left >= 0 && part.height > 0 && part.width > 0)
          #expect(
            part.top + part.height <= height && part.left + part.width <= width, "\(fit) \(height)×\(width) \(h)×\(w)")
          #expect(place.top >= 0 && place.left >= 0 && place.height > 0 && place.width > 0)
          #expect(place.top + place.height <= h && place.left + place.width <= w, "\(fit) \(height)×\(width) \(h)×\(w)")
        }
      }
    }
  }

  private var sizes: [(Int, Int)] { (1...7).flatMap { height in (1...7).map { (height, $0) } } }

  /// Each orientation moves every pixel to another place, and a rectangle with its pixels.
  @Test(arguments: Orientation.allCases) func orientations(orientation: Orientation) {
    let (height, width) = (4, 3)
    let (upright, across) = orientation.swapsSides ? (width, height) : (height, width)
    var seen: Set<Int> = []
    for y in 0..<upright {
      for x in 0..<across {
        let stored = orientation.stored(y, x, height: height, width: width)
        #expect((0..<height).contains(stored.y) && (0..<width).contains(stored.x))
        seen.insert(stored.y * width + stored.x)
        let box = orientation.stored(PixelWindow(top: y, left: x, height: 1, width: 1), height: height, width: width)
        #expect((box.top, box.left) == stored && box.height == 1 && box.width == 1)
      }
    }
    #expect(seen.count == height * width)
  }
}
