import CJPEG
import CPNG
import Tensors

// A picture is decoded, brought to grey or to red, green and blue, resized as it is stored, turned, and put into its place.
extension PictureForm {
  /// Overwrites `floats` (H×W×C) with a picture; `window`: the part of the upright one that is resized, whatever its proportions.
  ///
  /// The same floats on every host that has the same version of the decoder's library. Throws where the bytes are no picture; then
  /// `floats` hold anything.
  package func decode(
    _ bytes: UnsafeRawBufferPointer, window: PixelWindow? = nil, using scratch: PictureScratch,
    into floats: UnsafeMutablePointer<Float>
  ) throws(PictureFault) {
    let header = try PictureHeader(bytes, using: scratch)
    var (part, place) = placing(height: header.height, width: header.width)
    if let window { (part, place) = (window, PixelWindow(height: height, width: width)) }
    let stored = header.orientation.stored(part, height: header.storedHeight, width: header.storedWidth)
    switch header.kind {
    case .jpeg:
      let swaps = header.orientation.swapsSides
      let (h, w) = swaps ? (place.width, place.height) : (place.height, place.width)
      let reduction = Reduction(of: stored, to: h, w)
      let pixels = try jpegPixels(header, reduction, rows: reduction.count(stored.top + stored.height), scratch)
      finish(pixels, header, stored, reduction, place, scratch, into: floats)
    case .png:
      try readPNG(
        bytes, scratch, narrow: { finish($0, header, stored, .none, place, scratch, into: floats) },
        wide: { finish($0, header, stored, .none, place, scratch, into: floats) })
    }
  }

  /// The header of a picture that was decoded from first to last; throws where that cannot be done.
  package static func checked(
    _ bytes: UnsafeRawBufferPointer, using scratch: PictureScratch
  ) throws(PictureFault) -> PictureHeader {
    let header = try PictureHeader(bytes, using: scratch)
    let form = PictureForm(height: 1, width: 1, channels: .rgb)
    switch header.kind {
    case .jpeg: _ = try form.jpegPixels(header, .none, rows: header.storedHeight, scratch)
    case .png: try form.readPNG(bytes, scratch, narrow: { _ in }, wide: { _ in })
    }
    return header
  }

  /// The first rows of a file that was begun with, in the channels that are wanted.
  private func jpegPixels(
    _ header: PictureHeader, _ reduction: Reduction, rows: Int, _ scratch: PictureScratch
  ) throws(PictureFault) -> UnsafePointer<UInt8> {
    let (file, count) = (scratch.jpeg.header, rows * reduction.count(header.storedWidth))
    let wanted = channels.count
    let kind = file.is_cmyk ? CJPEG_CMYK : wanted == 1 && file.has_grey ? CJPEG_GREY : CJPEG_RGB
    let decoded = scratch.decoded.room(count * Int(kind)).assumingMemoryBound(to: UInt8.self)
    try scratch.jpeg.read(Int(kind), reduction: reduction.factor, rows: rows, into: decoded)
    guard file.is_cmyk || Int(kind) != wanted else { return UnsafePointer(decoded) }
    let converted = scratch.converted.room(count * wanted).assumingMemoryBound(to: UInt8.self)
    if file.is_cmyk {
      PixelConversion.convertInks(
        decoded, isInverted: file.is_inverted, count: count, channels: wanted, into: converted)
    } else {
      PixelConversion.convert(
        decoded, samples: Int(kind), count: count, channels: wanted, background: 0, into: converted)
    }
    return UnsafePointer(converted)
  }

  /// Lends the pixels of a file in the channels that are wanted, as bytes or as pairs of them.
  private func readPNG(
    _ bytes: UnsafeRawBufferPointer, _ scratch: PictureScratch, narrow: (UnsafePointer<UInt8>) -> Void,
    wide: (UnsafePointer<UInt16>) -> Void
  ) throws(PictureFault) {
    try PNGFile.with(bytes) { (file, header) throws(PictureFault) in
      if header.depth == 16 { try lend(file, header, scratch, wide) } else { try lend(file, header, scratch, narrow) }
    }
  }

  private func lend<P: Pixel>(
    _ file: OpaquePointer, _ header: CPNG_header, _ scratch: PictureScratch, _ body: (UnsafePointer<P>) -> Void
  ) throws(PictureFault) {
    let (count, samples) = (Int(header.width) * Int(header.height), Int(header.samples))
    let decoded = scratch.decoded.room(count * samples * MemoryLayout<P>.size).assumingMemoryBound(to: P.self)
    try PNGFile.read(file, into: decoded)
    guard samples != channels.count else { return body(decoded) }
    let converted = scratch.converted.room(count * channels.count * MemoryLayout<P>.size)
      .assumingMemoryBound(to: P.self)
    let background = P((background * Double(P.max)).rounded())
    PixelConversion.convert(
      decoded, samples: samples, count: count, channels: channels.count, background: background, into: converted)
    body(converted)
  }

  /// Resizes `part` of stored pixels, which were decoded smaller by `reduction`, turns it, and puts it into `place`, with the
  /// background beside it. What lies outside of the part has no part in it, but for the rest of a pixel that was made smaller.
  private func finish<P: Pixel>(
    _ pixels: UnsafePointer<P>, _ header: PictureHeader, _ part: PixelWindow, _ reduction: Reduction,
    _ place: PixelWindow,
    _ scratch: PictureScratch, into floats: UnsafeMutablePointer<Float>
  ) {
    let swaps = header.orientation.swapsSides
    let (h, w) = swaps ? (place.width, place.height) : (place.height, place.width)
    let (channels, width) = (channels.count, reduction.count(header.storedWidth))
    let (x, y) = (reduction.range(part.left, part.width), reduction.range(part.top, part.height))
    scratch.across.set(inputs: x.pixels.count, start: x.start, length: x.length, outputs: w, filter: filter)
    scratch.down.set(inputs: y.pixels.count, start: y.start, length: y.length, outputs: h, filter: filter)
    var (source, stride) = (pixels + (y.pixels.lowerBound * width + x.pixels.lowerBound) * channels, width * channels)
    if !scratch.across.isIdentity || stride != w * channels {
      let rows = y.pixels.count
      let across = scratch.rows.room(rows * w * channels * MemoryLayout<P>.size).assumingMemoryBound(to: P.self)
      scratch.across.with {
        P.resizeRows(source, stride: stride, rows: rows, channels: channels, $0, into: across)
      }
      (source, stride) = (UnsafePointer(across), w * channels)
    }
    if !scratch.down.isIdentity {
      let down = scratch.resized.room(h * w * channels * MemoryLayout<P>.size).assumingMemoryBound(to: P.self)
      scratch.down.with { P.resizeColumns(source, stride: stride, width: w * channels, $0, into: down) }
      source = UnsafePointer(down)
    }
    put(source, height: h, width: w, header.orientation, place, into: floats)
  }

  /// Turns a resized picture, stored as `h`×`w`, and puts it into its place.
  private func put<P: Pixel>(
    _ pixels: UnsafePointer<P>, height h: Int, width w: Int, _ orientation: Orientation, _ place: PixelWindow,
    into floats: UnsafeMutablePointer<Float>
  ) {
    let channels = channels.count
    if orientation == .upright, place.width == width, place.height == height {
      return P.units(pixels, count: h * w * channels, into: floats)
    }
    let behind = Float((background * Double(P.max)).rounded()) / Float(P.max)
    floats.update(repeating: behind, count: count)
    for y in 0..<place.height {
      let out = floats + ((place.top + y) * width + place.left) * channels
      if orientation == .upright {
        P.units(pixels + y * w * channels, count: w * channels, into: out)
        continue
      }
      for x in 0..<place.width {
        let stored = orientation.stored(y, x, height: h, width: w)
        P.units(pixels + (stored.y * w + stored.x) * channels, count: channels, into: out + x * channels)
      }
    }
  }
}
