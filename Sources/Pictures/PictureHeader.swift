import CJPEG
import Diagnostics

/// What is known of a picture before its pixels are decoded.
package struct PictureHeader: Equatable, Sendable {
  package let kind: PictureKind
  /// Pixels, as they are stored.
  package let storedHeight, storedWidth: Int
  package let orientation: Orientation
  /// Whether it has more than shades of grey.
  package let isColoured: Bool

  /// The most pixels of a picture: what claims to have more is no use, and may be meant to fill memory.
  package static let mostPixels = 100_000_000
  /// The most bytes that its pixels take, as they are decoded.
  package static let mostDecoded = 1 << 29
  /// The most bytes of a file.
  package static let mostBytes = 1 << 29

  /// Of the upright picture.
  package var height: Int { orientation.swapsSides ? storedWidth : storedHeight }
  package var width: Int { orientation.swapsSides ? storedHeight : storedWidth }

  /// Throws where the bytes are no picture that can be decoded, as far as their beginning tells.
  package init(_ bytes: UnsafeRawBufferPointer, using scratch: PictureScratch) throws(PictureFault) {
    kind = try PictureKind(of: bytes)
    guard bytes.count <= Self.mostBytes else {
      throw PictureFault("expected at most \(grouped(Self.mostBytes)) bytes, found \(grouped(bytes.count))")
    }
    let pixelSize: Int
    switch kind {
    case .jpeg:
      try scratch.jpeg.begin(bytes)
      let header = scratch.jpeg.header
      (storedHeight, storedWidth) = (Int(header.height), Int(header.width))
      (isColoured, pixelSize) = (header.components > 1, max(3, Int(header.components)))
      orientation = Orientation(jpeg: bytes)
    case .png:
      let parts = try PNGParts(bytes)
      (storedHeight, storedWidth, isColoured) = (parts.height, parts.width, parts.isColoured)
      pixelSize = parts.pixelSize
      orientation = parts.orientation
      if let frames = parts.frames { throw PictureFault("expected one picture, found an animation of \(frames)") }
    }
    let (pixels, isHuge) = storedHeight.multipliedReportingOverflow(by: storedWidth)
    guard !isHuge, pixels <= Self.mostPixels else {
      throw PictureFault(
        "expected at most \(grouped(Self.mostPixels)) pixels, found \(grouped(storedHeight))×\(grouped(storedWidth))")
    }
    guard pixels * pixelSize <= Self.mostDecoded else {
      throw PictureFault(
        "expected pixels of at most \(grouped(Self.mostDecoded)) bytes, found \(grouped(pixels * pixelSize))")
    }
  }
}
