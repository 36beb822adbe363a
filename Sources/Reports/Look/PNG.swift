import CZlibSystem
import Foundation

/// A picture as a PNG file (W3C, third edition): 8 bits a number, grey or red, green and blue; no filter.
struct PNG {
  let width: Int
  let height: Int
  /// 1 or 3.
  let channels: Int
  /// Height×width×channels.
  let pixels: [UInt8]

  init(width: Int, height: Int, channels: Int, pixels: [UInt8]) {
    precondition(channels == 1 || channels == 3, "a PNG of \(channels) channels")
    precondition(
      pixels.count == width * height * channels, "\(pixels.count) numbers for \(width)×\(height)×\(channels)")
    (self.width, self.height, self.channels, self.pixels) = (width, height, channels, pixels)
  }

  /// The file.
  var bytes: [UInt8] {
    let row = width * channels
    var lines: [UInt8] = []
    lines.reserveCapacity((row + 1) * height)
    for line in 0..<height {
      lines.append(0)
      lines += pixels[line * row..<(line + 1) * row]
    }
    let colour: UInt8 = channels == 1 ? 0 : 2
    let header = Self.number(width) + Self.number(height) + [8, colour, 0, 0, 0]
    return [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] + Self.chunk("IHDR", header)
      + Self.chunk("IDAT", Self.packed(lines)) + Self.chunk("IEND", [])
  }

  /// What an `img` has as its source.
  var link: String { "data:image/png;base64," + Data(bytes).base64EncodedString() }

  private static func number(_ value: Int) -> [UInt8] {
    let value = UInt32(value)
    return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
  }

  private static func chunk(_ name: String, _ content: [UInt8]) -> [UInt8] {
    let body = Array(name.utf8) + content
    return number(content.count) + body + number(Int(crc32(0, body, uInt(body.count))))
  }

  private static func packed(_ bytes: [UInt8]) -> [UInt8] {
    var count = compressBound(uLong(bytes.count))
    var packed = [UInt8](repeating: 0, count: Int(count))
    let code = compress2(&packed, &count, bytes, uLong(bytes.count), 6)
    precondition(code == Z_OK, "zlib gave \(code) for \(bytes.count) bytes")
    return Array(packed[..<Int(count)])
  }
}
