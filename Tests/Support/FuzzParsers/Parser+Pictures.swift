import CZlibSystem
import Diagnostics
import Files
import Foundation
import Goldens
import Lockstep
import Pictures
import Preparation

// Pictures, what stands around them, and what they are packed into.
extension Parser {
  static let pictureFiles = [
    "420.jpg", "progressive.jpg", "inks.jpg", "grey.jpg", "turned-6.jpg", "rgb.png", "palette.png", "two.png",
    "opacity.png", "interlaced-16.png", "transparent.png", "turned.png",
  ]

  private static let scratch = ScratchHolder()
  private final class ScratchHolder: @unchecked Sendable { let scratch = PictureScratch() }

  /// Every number of a sample is one in 0...1, whatever the bytes.
  static func readPicture(_ bytes: [UInt8], _ random: inout Randomness) throws {
    // Most PNG files have right check sums, so that what lies behind them is read as well.
    let bytes = random.below(4) == 0 ? bytes : resealedPNG(bytes)
    let form = PictureForm(
      height: 1 + Int(random.below(24)), width: 1 + Int(random.below(24)), channels: random.pick([.grey, .rgb]),
      fit: random.pick(PictureForm.Fit.allCases), filter: random.pick(ResizeFilter.allCases), background: 0.25)
    var floats = [Float](repeating: -1, count: form.count)
    do {
      try bytes.withUnsafeBytes { try form.decode($0, using: scratch.scratch, into: &floats) }
    } catch let fault as PictureFault {
      guard fault.reason.hasPrefix("expected ") else { throw Unexpected("a reason that says '\(fault.reason)'") }
      throw Failure(.badData, fault.reason)
    }
    guard floats.allSatisfy({ (0...1).contains($0) }) else { throw Unexpected("a sample outside of 0...1") }
  }

  /// What tells of no turn is as good as what says nothing at all.
  static func readExif(_ bytes: [UInt8]) throws {
    guard bytes.withUnsafeBytes({ Orientation(tiff: $0) }) != .upright else {
      throw Failure(.badData, "expected an orientation, found none")
    }
  }

  static let exifs: [[UInt8]] = [
    Array("MM\0*\0\0\0\u{8}\0\u{1}\u{1}\u{12}\0\u{3}\0\0\0\u{1}\0\u{6}\0\0\0\0\0\0".utf8),
    Array("II*\0\u{8}\0\0\0\u{1}\0\u{12}\u{1}\u{3}\0\u{1}\0\0\0\u{8}\0\0\0\0\0\0\0".utf8),
  ]

  /// Members lie in the archive, one behind the other.
  static func readArchive(_ bytes: [UInt8]) throws {
    let members = try bytes.withUnsafeBytes { try TarArchive.members($0, "input") }
    var end = 0
    for member in members where !member.isLink {
      guard member.range.lowerBound >= end + 512, member.range.upperBound <= bytes.count else {
        throw Unexpected("a member outside of its archive, or over another")
      }
      end = member.range.upperBound
    }
  }

  /// A file of a plain name, one with a prefix, one with a pax header and one with a long name of GNU's.
  static var archives: [[UInt8]] {
    let pax = "18 path=a/b/c.jpg\n"
    let long = String(repeating: "n", count: 120)
    return [
      tar([("0001.jpg", "0", "picture"), ("0003.jpg", "1", ""), ("0004.jpg", "0", "other")], link: "0001.jpg"),
      tar([("0001.jpg", "0", "picture"), ("0001.cls", "0", "3"), ("x", "x", pax), ("0002.jpg", "0", "more")]),
      tar([("././@LongLink", "L", long + "\0"), ("short", "0", String(repeating: "z", count: 600)), ("d/", "5", "")]),
    ]
  }

  private static func tar(_ members: [(name: String, kind: Character, content: String)], link: String = "") -> [UInt8] {
    var bytes: [UInt8] = []
    for member in members {
      var header = [UInt8](repeating: 0, count: 512)
      func put(_ text: String, _ place: Int) { for (i, byte) in text.utf8.enumerated() { header[place + i] = byte } }
      put(member.name, 0)
      put(octal(member.content.utf8.count, 11), 124)
      put(String(repeating: " ", count: 8), 148)
      put(String(member.kind), 156)
      if member.kind == "1" { put(link, 157) }
      put("ustar\u{0}00", 257)
      put(octal(header.reduce(0) { $0 + Int($1) }, 6) + "\0 ", 148)
      bytes += header + Array(member.content.utf8)
      bytes += [UInt8](repeating: 0, count: (512 - bytes.count % 512) % 512)
    }
    return bytes + [UInt8](repeating: 0, count: 1024)
  }

  private static func octal(_ number: Int, _ digits: Int) -> String {
    let text = String(number, radix: 8)
    return String(repeating: "0", count: digits - text.count) + text
  }

  /// The same with the check sum of each part set right.
  private static func resealedPNG(_ bytes: [UInt8]) -> [UInt8] {
    guard bytes.count > 8, bytes[0] == 0x89 else { return bytes }
    var (bytes, place) = (bytes, 8)
    while place + 12 <= bytes.count {
      let length = bytes[place..<place + 4].reduce(0) { $0 << 8 | Int($1) }
      guard length <= bytes.count - place - 12 else { break }
      let sum = bytes.withUnsafeBytes { all in
        crc32(0, all.baseAddress!.assumingMemoryBound(to: UInt8.self) + place + 4, uInt(length + 4))
      }
      for byte in 0..<4 { bytes[place + 8 + length + byte] = UInt8(truncatingIfNeeded: sum >> (24 - 8 * UInt(byte))) }
      place += 12 + length
    }
    return bytes
  }

  /// A folder of prepared pictures; the file `name` of it is what is damaged.
  static func preparedPictures(in folder: String) throws -> (directory: String, settings: PictureSettings) {
    for (place, file) in ["rgb.png", "420.jpg", "palette.png", "444.jpg"].enumerated() {
      let own = "\(folder)/pictures/\(place % 2)"
      try FileManager.default.createDirectory(atPath: own, withIntermediateDirectories: true)
      try write(contents(goldenPath("pictures/\(file)")), to: "\(own)/\(place)\(file)")
    }
    let yaml = """
      data: {images: {train: \(folder)/pictures, size: 8, split: {random: {test: 0}}, keep-under: \(folder)/kept}}
      model: [flatten, {dense: 2}]
      """
    let configuration = try RunConfiguration(yaml: yaml, name: "fuzz")
    let name = try configuration.data.preparedName(seed: configuration.seed)!
    return ("\(folder)/kept/\(name)", (configuration.data as! ImagesSource).settings)
  }

  static let preparedFiles = [
    "prepared.json", "pictures.npy", "names.npy", "names.npy.bytes", "train.pictures.npy",
    "train.targets.npy", "shard-00000.pictures",
  ]

  /// What is opened is what was prepared, to the bit.
  static func readPrepared(
    _ bytes: [UInt8], as name: String, in directory: String, _ settings: PictureSettings, _ whole: [UInt8]
  ) throws {
    try write(bytes, to: "\(directory)/\(name)")
    defer { try? write(whole, to: "\(directory)/\(name)") }
    let pictures = try PreparedPictures(directory, settings)
    // What stands before the numbers of an array file is looked at by its reader.
    let header = name.contains(".npy") ? 128 : 0
    guard bytes.dropFirst(header) == whole.dropFirst(header) || name == "prepared.json" else {
      throw Unexpected("a changed \(name) that was not noticed")
    }
    for picture in 0..<pictures.shards.count {
      guard pictures.shards.bytes(of: picture) != nil else { throw Unexpected("a picture that was not looked at") }
    }
  }
}
