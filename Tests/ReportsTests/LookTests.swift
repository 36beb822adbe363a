import Augmentations
import Foundation
import Lockstep
import Tensors
import TestSupport
import Testing

@testable import Reports

/// The page of samples before and after augmentation.
@Suite struct LookTests {
  private func configuration(_ folder: Folder, _ yaml: String) throws -> RunConfiguration {
    try RunConfiguration(recipeOrFile: folder.write("run.yaml", yaml))
  }

  private func pictures(_ folder: Folder) throws {
    var pixels: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 20, 0, 0, 0, 6, 0, 0, 0, 6]
    var labels: [UInt8] = [0, 0, 8, 1, 0, 0, 0, 20]
    for sample in 0..<20 {
      labels.append(UInt8(sample % 2))
      pixels += (0..<36).map { UInt8(($0 * 7 + sample * 11) % 256) }
    }
    try Data(pixels).write(to: URL(fileURLWithPath: folder["x"]))
    try Data(labels).write(to: URL(fileURLWithPath: folder["y"]))
  }

  @Test func picturesStandInThePage() throws {
    let folder = try Folder()
    try pictures(folder)
    let run = try configuration(
      folder,
      """
      data: {idx: {train: {images: x, labels: y}, classes: ["<a>", b]}}
      augment: [{rotate: 30}, {mixup: {alpha: 1}}]
      model: [flatten, {dense: 2}]
      micro-batch: 4
      batch: 8

      """)
    let look = try Look(run, rows: 6)
    let page = look.html
    #expect(faultOf(page: page) == nil && count("img", in: page) == 12)
    #expect(page.contains("augment.0.rotate.degrees: 30") && page.contains("rotate: degrees "))
    #expect(page.contains("&lt;a&gt;") && !page.contains("<a>,") && page.contains(" % "))
    #expect(!page.contains("http://") && !page.contains("https://") && !page.contains("<script"))
    #expect(try Look(run, rows: 6).html == page && Look(run, rows: 6, epoch: 1).html != page)
    #expect(try Look(run, rows: 200).count == 20)
    try look.write(to: folder["look.html"])
    #expect(try folder.text("look.html") == page)
  }

  /// What Python's zlib and a reader of the format would say is checked here by hand: signature, sizes, checksums, pixels.
  @Test func picturesArePNG() throws {
    let png = PNG(width: 3, height: 2, channels: 3, pixels: (0..<18).map { UInt8($0 * 13) }).bytes
    #expect(Array(png[0..<8]) == [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
    #expect(Array(png[12..<16]) == Array("IHDR".utf8) && png[19] == 3 && png[23] == 2 && png[24] == 8 && png[25] == 2)
    #expect(Array(png.suffix(12)) == [0, 0, 0, 0, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82])
  }

  /// One feature along time is a curve, black from the number before to a column's own.
  @Test func oneFeatureIsACurve() throws {
    let form = SampleForm(shape: [4, 1], content: .sequence)
    let png = try #require(SamplePicture([-1, 1, 0, 0], form)?.png)
    func black(_ column: Int) -> [Int] { (0..<png.height).filter { png.pixels[$0 * png.width + column] == 0 } }
    #expect(png.width == 4 && png.height == 96)
    #expect(black(0) == [95] && black(1) == Array(0...95) && black(2) == Array(0...48) && black(3) == [48])
  }

  @Test func rowsAndTextsMarkWhatHasChanged() throws {
    let folder = try Folder()
    let rows = try Look(
      configuration(
        folder, "data: {two-class: {train: 50}}\naugment: [{noise: {columns: [x]}}]\nmodel: [{dense: 2}]\n"), rows: 3
    ).html
    #expect(faultOf(page: rows) == nil && count("s", in: rows) == 3 && rows.contains("class=\"differs\""))
    let text = try Look(
      configuration(
        folder,
        "data: {noise-text: {vocabulary: 9, length: 12, count: 10}}\naugment: [{mask-tokens: 0.5}]\n"
          + "standardise: none\nmodel: [{embedding: {vocabulary: 9, width: 4}}, {dense: 9}]\n"), rows: 2
    ).html
    #expect(faultOf(page: text) == nil && count("pre", in: text) == 4 && text.contains("class=\"differs\""))
    let plain = try Look(configuration(folder, "data: two-class\nmodel: [{dense: 2}]\n"), rows: 1).html
    #expect(plain.contains("None: training sees samples as they are") && !plain.contains("class=\"differs\""))
  }
}
