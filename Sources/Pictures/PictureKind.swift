/// What a picture's bytes are, as their beginning says; the name of their file decides nothing.
package enum PictureKind: String, Sendable {
  case jpeg = "JPEG"
  case png = "PNG"

  /// Endings, without a point, of files that are looked at: also of kinds that are not read, which are told of.
  package static let endings = ["jpg", "jpeg", "jpe", "jfif", "png"] + others
  private static let others = ["gif", "bmp", "webp", "tif", "tiff", "heic", "heif", "avif", "jp2", "jxl", "apng"]

  package init(of bytes: UnsafeRawBufferPointer) throws(PictureFault) {
    guard !bytes.isEmpty else { throw PictureFault("expected a JPEG or PNG picture, found an empty file") }
    if Self.starts(bytes, [0xFF, 0xD8, 0xFF]) {
      self = .jpeg
    } else if Self.starts(bytes, [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
      self = .png
    } else {
      throw PictureFault("expected a JPEG or PNG picture, found \(Self.other(bytes))")
    }
  }

  private static func starts(_ bytes: UnsafeRawBufferPointer, _ begin: [UInt8], at place: Int = 0) -> Bool {
    bytes.count >= place + begin.count && bytes[place..<place + begin.count].elementsEqual(begin)
  }

  /// What else it seems to be.
  private static func other(_ bytes: UnsafeRawBufferPointer) -> String {
    let known: [(String, [UInt8], Int)] = [
      ("a GIF", Array("GIF8".utf8), 0), ("a BMP", Array("BM".utf8), 0), ("a WebP", Array("WEBP".utf8), 8),
      ("a TIFF", [0x49, 0x49, 0x2A, 0], 0), ("a TIFF", [0x4D, 0x4D, 0, 0x2A], 0),
      ("a HEIF or AVIF", Array("ftyp".utf8), 4),
      ("a JPEG 2000", [0, 0, 0, 12, 0x6A, 0x50], 0), ("a JPEG XL", [0xFF, 0x0A], 0), ("a PDF", Array("%PDF".utf8), 0),
      ("an SVG", Array("<svg".utf8), 0), ("a web page or XML", Array("<".utf8), 0),
    ]
    return known.first { starts(bytes, $0.1, at: $0.2) }?.0 ?? "other bytes"
  }
}
