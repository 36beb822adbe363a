/// What the parts of a PNG file say that stand before its pixels (PNG 3rd edition, 5.3, 11.2.1, 11.3.1.6, 11.3.5.1).
struct PNGParts {
  let height: Int
  let width: Int
  /// Bytes of a pixel as it is decoded, of a palette's red, green, blue and alpha.
  let pixelSize: Int
  /// Whether it has more than shades of grey.
  let isColoured: Bool
  let orientation: Orientation
  /// Of an animation; nil: it is one picture.
  let frames: Int?

  init(_ bytes: UnsafeRawBufferPointer) throws(PictureFault) {
    let numbers = ByteNumbers(bytes: bytes)
    guard numbers.long(8) == 13, numbers.has("IHDR", at: 12), let width = numbers.long(16),
      let height = numbers.long(20),
      let colours = numbers.byte(25), width > 0, height > 0
    else { throw PictureFault("expected a whole PNG picture, found a damaged one") }
    (self.height, self.width, isColoured) = (height, width, colours & 2 != 0)
    let samples = colours == 0 ? 1 : colours == 2 ? 3 : colours == 4 ? 2 : 4
    pixelSize = samples * (numbers.byte(24) == 16 ? 2 : 1)
    var (orientation, frames, place) = (Orientation.upright, Int?.none, 33)
    // Length, name, contents, check sum.
    while let length = numbers.long(place), !numbers.has("IDAT", at: place + 4), length <= bytes.count - place - 12 {
      if numbers.has("acTL", at: place + 4) { frames = numbers.long(place + 8) }
      if numbers.has("eXIf", at: place + 4) {
        orientation = Orientation(tiff: UnsafeRawBufferPointer(rebasing: bytes[place + 8..<place + 8 + length]))
      }
      place += 12 + length
    }
    (self.orientation, self.frames) = (orientation, frames)
  }
}
