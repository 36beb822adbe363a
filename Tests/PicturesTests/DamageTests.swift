import Foundation
import Goldens
import Pictures
import Testing

/// Bytes that are no picture, no whole one, or one that is too large: each is told by what was expected and found.
@Suite struct DamageTests {
  private let scratch = PictureScratch()

  /// Why bytes are refused; nil where they are a picture.
  private func reason(_ bytes: [UInt8]) -> String? {
    do throws(PictureFault) {
      var fault: PictureFault?
      bytes.withUnsafeBytes { bytes in
        do throws(PictureFault) { _ = try PictureForm.checked(bytes, using: scratch) } catch { fault = error }
      }
      if let fault { throw fault }
      return nil
    } catch { return error.reason }
  }

  @Test func whatIsNone() throws {
    let expected = "expected a JPEG or PNG picture, found"
    #expect(reason([]) == "\(expected) an empty file")
    #expect(reason(Array("GIF89a.........".utf8)) == "\(expected) a GIF")
    #expect(reason(Array("RIFF....WEBPVP8 ".utf8)) == "\(expected) a WebP")
    #expect(reason(Array("<html>".utf8)) == "\(expected) a web page or XML")
    #expect(reason([1, 2, 3]) == "\(expected) other bytes")
    #expect(reason(try contents("pictures/animated.png")) == "expected one picture, found an animation of 2")
    // What a file is called decides nothing.
    for file in ["444.jpg", "rgb.png"] { #expect(reason(try contents("pictures/\(file)")) == nil) }
  }

  /// Cut anywhere, a file is no picture; nothing is read behind its end.
  @Test(arguments: ["420.jpg", "progressive.jpg", "inks.jpg", "rgb.png", "interlaced-16.png", "palette.png"])
  func cutShort(file: String) throws {
    let bytes = try contents("pictures/\(file)")
    for length in stride(from: 0, to: bytes.count - 12, by: 7) {
      let reason = reason(Array(bytes[..<length]))
      #expect(reason?.hasPrefix("expected a") == true, "\(length) bytes of \(file)")
    }
  }

  /// A byte that differs in a PNG file is noticed wherever it is, by its check sums.
  @Test func changedBytes() throws {
    let bytes = try contents("pictures/rgb.png")
    for place in bytes.indices {
      var changed = bytes
      changed[place] ^= 0x41
      #expect(reason(changed) != nil, "byte \(place)")
    }
  }

  @Test func tooLarge() throws {
    var bytes = try contents("pictures/rgb.png")
    for (place, byte) in zip(16..<24, [0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60] as [UInt8]) { bytes[place] = byte }
    #expect(reason(bytes) == "expected at most 100,000,000 pixels, found 60,000×60,000")
    // Of a JPEG file the height and width of its frame.
    var jpeg = try contents("pictures/420.jpg")
    let frame = try #require((0..<jpeg.count - 1).first { jpeg[$0] == 0xFF && jpeg[$0 + 1] == 0xC0 })
    for (place, byte) in zip(frame + 5..<frame + 9, [0xEA, 0x60, 0xEA, 0x60] as [UInt8]) { jpeg[place] = byte }
    #expect(reason(jpeg) == "expected at most 100,000,000 pixels, found 60,000×60,000")
  }

  /// The smallest there is.
  @Test func onePixel() throws {
    let bytes = try contents("pictures/rgb.png")
    let form = PictureForm(height: 1, width: 1, channels: .grey, fit: .crop)
    var pixel: Float = -1
    try bytes.withUnsafeBytes { try form.decode($0, using: scratch, into: &pixel) }
    #expect((0...1).contains(pixel))
  }

  /// A decoder that has met damage decodes the next picture as a new one does.
  @Test func scratchIsUsedAgain() throws {
    let form = PictureForm(height: 8, width: 8, channels: .rgb, fit: .stretch)
    func sample(_ scratch: PictureScratch) throws -> [Float] {
      var floats = [Float](repeating: 0, count: form.count)
      try contents("pictures/420.jpg").withUnsafeBytes { try form.decode($0, using: scratch, into: &floats) }
      return floats
    }
    let expected = try sample(PictureScratch())
    for file in ["420.jpg", "progressive.jpg", "rgb.png"] {
      let bytes = try contents("pictures/\(file)")
      for length in [3, 30, bytes.count / 2] { #expect(reason(Array(bytes[..<length])) != nil) }
      #expect(try sample(scratch) == expected)
    }
  }
}
