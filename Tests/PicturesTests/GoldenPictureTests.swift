import Foundation
import Goldens
import Pictures
import Tensors
import Testing

/// Small pictures of every kind, and what Pillow makes of them: see Tests/Goldens/make-pictures.py.
@Suite struct GoldenPictureTests {
  /// What a sample of a picture is to be.
  struct Expected: Decodable {
    let file: String
    let channels: String
    let height: Int
    let width: Int
    let fit: String
    let filter: String
    let background: Double
    /// The largest number of a pixel, by which a sample's are divided.
    let most: Double
    /// Of the numbers, in decimal, between commas.
    let sha256: String

    var form: PictureForm {
      PictureForm(
        height: height, width: width, channels: PictureForm.Channels(rawValue: channels)!,
        fit: PictureForm.Fit(rawValue: fit)!, filter: ResizeFilter(rawValue: filter)!, background: background)
    }
  }

  @Test func samplesAreThoseOfPillow() throws {
    let expected = try golden("pictures/expected.json", as: [Expected].self)
    #expect(expected.count > 60)
    let scratch = PictureScratch()
    for sample in expected {
      let bytes = try contents("pictures/\(sample.file)")
      var floats = [Float](repeating: -1, count: sample.form.count)
      try bytes.withUnsafeBytes { try sample.form.decode($0, using: scratch, into: &floats) }
      let numbers = floats.map { (Double($0) * sample.most).rounded() }
      // A pixel is its number divided by the largest there is, rounded once.
      #expect(zip(floats, numbers).allSatisfy { $0 == Float($1) / Float(sample.most) }, "\(sample)")
      let text = numbers.map { "\(Int($0))" }.joined(separator: ",")
      #expect(Digest(of: text).description == "sha256:\(sample.sha256)", "\(sample)")
    }
  }

  /// What lies outside of a window has no part in it: it is the sample of a picture that was cut out before.
  @Test func windows() throws {
    let scratch = PictureScratch()
    let bytes = try contents("pictures/rgb.png")
    let whole = PictureForm(height: 13, width: 19, channels: .rgb)
    var all = [Float](repeating: 0, count: whole.count)
    try bytes.withUnsafeBytes { try whole.decode($0, using: scratch, into: &all) }
    let window = PixelWindow(top: 2, left: 3, height: 7, width: 11)
    let same = PictureForm(height: 7, width: 11, channels: .rgb)
    var cut = [Float](repeating: 0, count: same.count)
    try bytes.withUnsafeBytes { try same.decode($0, window: window, using: scratch, into: &cut) }
    for y in 0..<7 {
      for x in 0..<33 { #expect(cut[y * 33 + x] == all[((y + 2) * 19 + 3) * 3 + x]) }
    }
    // Of the last row alone.
    let row = PictureForm(height: 1, width: 19, channels: .rgb)
    var last = [Float](repeating: 0, count: row.count)
    try bytes.withUnsafeBytes {
      try row.decode($0, window: PixelWindow(top: 12, left: 0, height: 1, width: 19), using: scratch, into: &last)
    }
    #expect(last == Array(all.suffix(57)))
    // Turned pictures have windows as they are seen.
    for orientation in 1...8 {
      let bytes = try contents("pictures/turned-\(orientation).jpg")
      let header = try bytes.withUnsafeBytes { try PictureHeader($0, using: scratch) }
      let form = PictureForm(height: header.height, width: header.width, channels: .rgb)
      var all = [Float](repeating: 0, count: form.count)
      try bytes.withUnsafeBytes { try form.decode($0, using: scratch, into: &all) }
      let window = PixelWindow(top: 1, left: 2, height: 5, width: 9)
      let same = PictureForm(height: 5, width: 9, channels: .rgb)
      var cut = [Float](repeating: 0, count: same.count)
      try bytes.withUnsafeBytes { try same.decode($0, window: window, using: scratch, into: &cut) }
      for y in 0..<5 {
        for x in 0..<27 { #expect(cut[y * 27 + x] == all[((y + 1) * header.width + 2) * 3 + x], "\(orientation)") }
      }
    }
  }
}

func contents(_ name: String) throws -> [UInt8] {
  Array(try Data(contentsOf: URL(fileURLWithPath: goldenPath(name))))
}
