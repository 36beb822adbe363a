import Tensors

/// What pictures become: H×W×C numbers in 0...1.
package struct PictureForm: Sendable, Equatable {
  /// What of a picture is resized where it has other proportions than a sample.
  package enum Fit: String, Sendable, CaseIterable {
    /// The largest part in its middle that has a sample's proportions.
    case crop
    /// All of it, with a background beside or above it.
    case pad
    /// All of it, which is stretched.
    case stretch
  }

  package enum Channels: String, Sendable, CaseIterable {
    case grey, rgb
    package var count: Int { self == .grey ? 1 : 3 }
  }

  package var height: Int
  package var width: Int
  package var channels: Channels
  package var fit: Fit
  package var filter: ResizeFilter
  /// What lies behind transparent pixels, and beside a picture that is fitted in; 0...1.
  package var background: Double

  package init(
    height: Int, width: Int, channels: Channels, fit: Fit = .crop, filter: ResizeFilter = .triangle,
    background: Double = 0
  ) {
    (self.height, self.width, self.channels) = (height, width, channels)
    (self.fit, self.filter, self.background) = (fit, filter, background)
  }

  /// Numbers of a sample.
  package var count: Int { height * width * channels.count }

  /// Which part of an upright picture is resized, and where it comes to lie in a sample.
  package func placing(height: Int, width: Int) -> (part: PixelWindow, place: PixelWindow) {
    let (whole, sample) = (
      PixelWindow(height: height, width: width), PixelWindow(height: self.height, width: self.width)
    )
    // Whether the picture is wider, in proportion, than a sample.
    let isWide = width * self.height > height * self.width
    switch fit {
    case .stretch: return (whole, sample)
    case .crop:
      let (h, w) =
        isWide
        ? (height, Self.ratio(height, self.width, self.height)) : (Self.ratio(width, self.height, self.width), width)
      return (PixelWindow(top: (height - h) / 2, left: (width - w) / 2, height: h, width: w), sample)
    case .pad:
      let (h, w) =
        isWide
        ? (Self.ratio(self.width, height, width), self.width) : (self.height, Self.ratio(self.height, width, height))
      return (whole, PixelWindow(top: (self.height - h) / 2, left: (self.width - w) / 2, height: h, width: w))
    }
  }

  /// a·b / c to the nearest, at least 1.
  private static func ratio(_ a: Int, _ b: Int, _ c: Int) -> Int { max(1, (2 * a * b + c) / (2 * c)) }
}
