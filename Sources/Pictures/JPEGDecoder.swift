import CJPEG

/// One of libjpeg-turbo's decoders, which one thread uses at a time.
final class JPEGDecoder {
  private let decoder: OpaquePointer
  /// Of the file that was begun with last.
  private(set) var header = CJPEG_header()

  init() {
    guard let decoder = CJPEG_create() else { fatalError("no memory for a decoder of JPEG files") }
    self.decoder = decoder
  }

  deinit { CJPEG_destroy(decoder) }

  /// Begins with a file, which stays where it is until `read` is called, or another one begins.
  func begin(_ bytes: UnsafeRawBufferPointer) throws(PictureFault) {
    let start = bytes.bindMemory(to: UInt8.self).baseAddress
    guard CJPEG_begin(decoder, start, bytes.count, &header) else { throw fault }
  }

  /// Overwrites the first rows of a picture, made smaller by `reduction`, with samples of a kind.
  func read(
    _ kind: Int, reduction: Int, rows: Int, into pixels: UnsafeMutablePointer<UInt8>
  ) throws(PictureFault) {
    guard CJPEG_read(decoder, Int32(kind), Int32(reduction), Int32(rows), pixels) else { throw fault }
  }

  private var fault: PictureFault {
    PictureFault("expected a whole JPEG picture, found a damaged one (\(String(cString: CJPEG_message(decoder))))")
  }

  /// `libjpeg-turbo 2.1.5`
  static var version: String { String(cString: CJPEG_version()) }
}
