/// What decodes pictures here: it belongs to what their pixels are.
package enum PictureDecoder {
  /// `libjpeg-turbo 2.1.5, islow, fancy upsampling; libpng 1.6.39`
  package static var version: String {
    "\(JPEGDecoder.version), islow, fancy upsampling; \(PNGFile.version)"
  }
}
