/// What stored samples become before a picture is resized: grey, or red, green and blue, by integers alone.
///
/// | stored | becomes |
/// |---|---|
/// | opacity a of L, the largest number | (v·a + b·(L − a)) / L, rounded, over a background b |
/// | red, green, blue | grey (19595·r + 38470·g + 7471·b + 32768) / 65536, the weights of ITU-R BT.601 |
/// | four inks c, m, y, k | red L − k − (c·(L − k)) / L, rounded, and so on |
enum PixelConversion {
  /// Overwrites `out` (n×C) with `from` (n×S), S samples a pixel: 1 or 3, and 2 or 4 with opacity.
  static func convert<P: Pixel>(
    _ from: UnsafePointer<P>, samples: Int, count: Int, channels: Int, background: P, into out: UnsafeMutablePointer<P>
  ) {
    let hasOpacity = samples % 2 == 0
    let colours = hasOpacity ? samples - 1 : samples
    for pixel in 0..<count {
      let own = from + pixel * samples
      func value(_ colour: Int) -> P {
        hasOpacity ? over(own[colour], own[colours], background) : own[colour]
      }
      let target = out + pixel * channels
      switch (colours, channels) {
      case (1, _):
        let grey = value(0)
        for channel in 0..<channels { target[channel] = grey }
      case (_, 1): target[0] = grey(value(0), value(1), value(2))
      default: (target[0], target[1], target[2]) = (value(0), value(1), value(2))
      }
    }
  }

  /// Overwrites `out` (n×C) with `from`, n times four inks; `isInverted`: they tell how much light is left.
  static func convertInks(
    _ from: UnsafePointer<UInt8>, isInverted: Bool, count: Int, channels: Int, into out: UnsafeMutablePointer<UInt8>
  ) {
    for pixel in 0..<count {
      let own = from + 4 * pixel
      func ink(_ place: Int) -> UInt8 { isInverted ? 255 - own[place] : own[place] }
      let light = 255 - ink(3)
      func value(_ place: Int) -> UInt8 { light - UInt8(rounded(UInt32(ink(place)) * UInt32(light), UInt8.self)) }
      let target = out + pixel * channels
      if channels == 1 {
        target[0] = grey(value(0), value(1), value(2))
      } else {
        (target[0], target[1], target[2]) = (value(0), value(1), value(2))
      }
    }
  }

  private static func grey<P: Pixel>(_ red: P, _ green: P, _ blue: P) -> P {
    let (red, green, blue) = (19_595 * UInt32(red), 38_470 * UInt32(green), 7_471 * UInt32(blue))
    let sum: UInt32 = red + green + blue
    return P((sum + 32_768) >> 16)
  }

  private static func over<P: Pixel>(_ value: P, _ opacity: P, _ background: P) -> P {
    let (value, opacity, background) = (UInt32(value), UInt32(opacity), UInt32(background))
    let behind = background * (UInt32(P.max) - opacity)
    return P(rounded(value * opacity + behind, P.self))
  }

  /// A product of two numbers divided by the largest of them, to the nearest.
  private static func rounded<P: Pixel>(_ product: UInt32, _: P.Type) -> UInt32 {
    (product + UInt32(P.max / 2)) / UInt32(P.max)
  }
}
