import CPNG

/// PNG files in memory, each of which is read once.
enum PNGFile {
  /// Lends a file that was begun with, and what its header says.
  static func with(
    _ bytes: UnsafeRawBufferPointer, _ body: (OpaquePointer, CPNG_header) throws(PictureFault) -> Void
  ) throws(PictureFault) {
    var (header, file) = (CPNG_header(), OpaquePointer?.none)
    let start = bytes.bindMemory(to: UInt8.self).baseAddress
    let isBegun = CPNG_begin(start, bytes.count, UInt32(PictureHeader.mostPixels), &header, &file)
    defer { CPNG_end(file) }
    guard isBegun, let file else { throw fault(file) }
    try body(file, header)
  }

  /// Overwrites all pixels of a file, samples of the header's depth.
  static func read(_ file: OpaquePointer, into pixels: UnsafeMutableRawPointer) throws(PictureFault) {
    guard CPNG_read(file, pixels) else { throw fault(file) }
  }

  private static func fault(_ file: OpaquePointer?) -> PictureFault {
    PictureFault("expected a whole PNG picture, found a damaged one (\(String(cString: CPNG_message(file))))")
  }

  /// `libpng 1.6.39`
  static var version: String { String(cString: CPNG_version()) }
}
