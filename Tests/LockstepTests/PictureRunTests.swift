import Checkpoints
import Files
import Foundation
import Goldens
import Preparation
import TestSupport
import Testing

@testable import Lockstep

/// From pictures in folders, tables and archives to predictions, with the receipt that tells of all of it.
@Suite struct PictureRunTests {
  let run: ListedRun
  private var folder: Folder { run.folder }

  init() throws {
    run = try ListedRun(
      kind: "images", ending: "png", classes: ["bright", "dark"], counts: (24, 10),
      rest: """
        standardise: channel
        model: [{convolution: {channels: 3, kernel: 3}}, relu, flatten, {dense: 2}]
        optimizer: {adam: {learning-rate: 0.01}}
        epochs: 6
        batch: 16
        micro-batch: 4
        """, file: { Self.picture($0, $1) })
  }

  /// A picture of 6×7 shades of grey, in a PNG file whose pixels are not packed.
  private static func picture(_ label: Int, _ number: Int) -> [UInt8] {
    var rows: [UInt8] = []
    for y in 0..<6 {
      rows.append(0)
      rows += (0..<7).map { UInt8((label == 0 ? 120 : 20) + (y * 31 + $0 * 17 + number * 13) % 90) }
    }
    func bytes(_ number: Int) -> [UInt8] { [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) } }
    func part(_ name: String, _ content: [UInt8]) -> [UInt8] {
      let own = Array(name.utf8) + content
      var sum = UInt32.max
      for byte in own {
        sum ^= UInt32(byte)
        for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
      }
      return bytes(content.count) + own + bytes(Int(~sum))
    }
    var (a, b) = (1, 0)
    for byte in rows { (a, b) = ((a + Int(byte)) % 65_521, (b + (a + Int(byte)) % 65_521) % 65_521) }
    let length = [UInt8(rows.count & 255), UInt8(rows.count >> 8)]
    let packed = [0x78, 0x01, 0x01] + length + length.map { ~$0 } + rows + bytes(b << 16 | a)
    return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
      + part("IHDR", bytes(7) + bytes(6) + [8, 0, 0, 0, 0]) + part("IDAT", packed) + part("IEND", [])
  }

  @Test func foldersTrainOnAnyRanks() throws {
    let (digest, receipt) = try run.trained(run.recipe(run.folders))
    #expect(
      receipt.links.map(\.name) == ["raw", "schema", "split", "transform", "prepared", "samples", "weights", "metrics"])
    #expect(receipt.links[6].output == digest)
    let model = try Model(folder["1"])
    let test = try model.testData()
    #expect(test.count == 20 && test.shape == [6, 7, 1] && test.classNames == ["bright", "dark"])
    #expect(try model.evaluate(test).headline.value > 0.9)
    // What is measured from files is what is measured from shards.
    let other = try model.labelledData(folder["test"], labels: nil)
    #expect(try model.evaluate(other).headline.value == model.evaluate(test).headline.value)
    #expect(try model.predict(other).view.array == model.predict(test).view.array)
    // The network is what travels: pictures are samples before it.
    #expect(try model.exportONNX(to: folder["a.onnx"]).contains("1 input, "))
    #expect(try model.exportPyTorch(to: folder["torch"]).contains("model.safetensors"))
    try run.requireNoted(model, library: "libjpeg-turbo ")
    // Prepared data are enough.
    try run.requireSame(receipt)
  }

  @Test func predictionsNameTheirPictures() throws {
    try train(run.recipe(run.folders), ["epochs=4"], in: folder["1"])
    let model = try Model(folder["1"])
    try run.write("new/b/2.png", Self.picture(1, 300))
    try run.write("new/a.png", Self.picture(0, 301))
    try run.write("new/broken.png", Array(Self.picture(0, 1).prefix(60)))
    #expect(try model.writePredictions(of: folder["new"], to: folder["out.csv"]) == 3)
    let rows = try run.cells("out.csv")
    #expect(rows[0].prefix(2) == ["path", "prediction"] && rows[0].last == "problem")
    #expect(rows[1..<4].map { $0[0] } == ["a.png", "b/2.png", "broken.png"])
    #expect(rows[1][1] == "bright" && rows[2][1] == "dark" && rows[3][1].isEmpty)
    #expect(rows[3].joined(separator: ",").contains("expected a whole PNG picture, found a damaged one"))
    // One picture, a list of names, and a table of paths.
    #expect(try model.writePredictions(of: folder["new/a.png"], to: folder["one.csv"]) == 1)
    try folder.write("new/list.txt", "b/2.png\na.png\n../out.csv\n")
    #expect(try model.writePredictions(of: folder["new/list.txt"], to: folder["list.csv"]) == 3)
    #expect(try folder.text("list.csv").contains("expected a path inside of"))
    try folder.write("new/table.csv", "path,who\nb/2.png,me\na.png,you\n")
    #expect(try model.writePredictions(of: folder["new/table.csv"], to: folder["table.out.csv"], keeping: ["who"]) == 2)
    #expect(try lines(folder.text("table.out.csv"))[1].hasPrefix("b/2.png,me,dark,"))
    // A folder may hold one of its own name.
    try run.write("new/new/a.png", Self.picture(1, 302))
    try model.writePredictions(of: folder["new"], to: folder["own.csv"])
    #expect(
      try lines(folder.text("own.csv")).map { $0.split(separator: ",").prefix(2).joined(separator: " ") }.contains(
        "new/a.png dark"))
    try FileManager.default.removeItem(atPath: folder["new/new"])
    // However paths and their root are spelled, where they lie in it.
    try folder.write("new/absolute.txt", "\(folder["new"])/a.png\n\(folder["new"])/b/../b/2.png\n")
    #expect(try model.writePredictions(of: folder["new/absolute.txt"], to: folder["absolute.csv"]) == 2)
    #expect(!(try folder.text("absolute.csv").contains("expected")))
    // Ranks share the rows of a folder.
    try run.requireShared("new", as: "out.csv")
  }

  /// A table with classes, one with numbers; folders, a table and archives of the same pictures give the same samples.
  @Test func tablesAndArchives() throws {
    let (table, members) = try run.listed()
    try folder.write("pictures.csv", table)
    let settings = "source: {csv: {files: \(folder["pictures.csv"])}}, path: file, split: {fixed: {by: part}}, "
    let (digest, _) = try run.trained(run.recipe(run.source(settings + "target: what")))
    // The order of the rows is that of the folders.
    #expect(try train(run.recipe(run.folders, named: "folders.yaml"), in: folder["folders"]) == digest)
    let numbers = try run.recipe(run.source(settings + "target: value, kind: values"), named: "numbers.yaml")
    try train(numbers, ["loss=mean-squared-error", "model=[flatten, {dense: 1}]"], in: folder["numbers"])
    #expect(try Model(folder["numbers"]).testData().targets.width == 1)
    try run.write("train-0.tar", tarArchive(Array(members["train"]!.prefix(40))))
    try run.write("train-1.tar", tarArchive(Array(members["train"]!.dropFirst(40))))
    try run.write("test.tar", tarArchive(members["test"]!))
    let shards = "train: '\(folder["train-*.tar"])', test: \(folder["test.tar"])"
    let archives = try run.recipe(run.source(shards, kind: "webdataset"), named: "archives.yaml")
    #expect(try train(archives, in: folder["archives"]) == digest)
    #expect(try train(run.recipe(run.source(shards), named: "images.yaml"), in: folder["images"]) == digest)
    // What belongs to a group is on one side.
    let grouped = run.source("train: \(folder["train"]), group: \"*/{*}.png\", split: {hash: {by: group, test: 0.4}}")
    #expect(try configuration("data: \(grouped)\n\(run.rest)").writeParts(to: folder["parts.csv"]))
    let sides = Dictionary(
      grouping: try lines(folder.text("parts.csv")).dropFirst().map { $0.split(separator: ",") },
      by: { $0[0].split(separator: "/").last! })
    #expect(sides.count == 24 && sides.values.allSatisfy { Set($0.map { $0[2] }).count == 1 })
    let model = try Model(folder["archives"])
    #expect(try model.testData().classNames == ["0", "1"])
    #expect(try model.writePredictions(of: folder["test.tar"], to: folder["archive.csv"]) == 20)
    // Folders and archives have one class, whatever column a model's was called in; here they call it otherwise.
    for (own, other, found) in [("archives", "test", "'bright'"), ("folders", "test.tar", "'0'")] {
      let model = try Model(folder[own])
      let told = failure { _ = try model.evaluate(model.labelledData(folder[other], labels: nil)) }
      let expected = "expected a class of the training pictures, found \(found)"
      #expect(told?.description.contains(expected) == true, "\(told as Any)")
    }
  }

  /// What was prepared is found again as long as files are what they were; bytes decide, not times.
  @Test func whatIsPreparedIsFoundAgain() throws {
    let name = try #require(try run.preparedName())
    #expect(try run.preparedName() == name)
    let path = folder["train/dark/3.png"]
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    // Written anew with the same bytes: looked at again, and found the same.
    try bytes.write(to: URL(fileURLWithPath: path))
    #expect(try run.preparedName() == name)
    try Data(Self.picture(1, 77)).write(to: URL(fileURLWithPath: path))
    #expect(try run.preparedName() != name)
    #expect(!folder.names("prepared").contains { $0.hasSuffix(".partial") || $0.hasSuffix(".lock") })
    // A torn shard, and one whose bytes have changed.
    let shard = folder["prepared/\(name)/shard-00000.pictures"]
    var torn = try Data(contentsOf: URL(fileURLWithPath: shard))
    torn[100] ^= 1
    try torn.write(to: URL(fileURLWithPath: shard))
    try bytes.write(to: URL(fileURLWithPath: path))
    #expect(
      failure { _ = try run.preparedName() }?.description.contains("found other bytes; delete the folder") == true)
    try torn.dropLast().write(to: URL(fileURLWithPath: shard))
    let told = failure { _ = try run.preparedName() }
    #expect(told?.code == .badData && told?.description.contains("shard-00000.pictures: expected ") == true)
  }

  /// Pictures that cannot be used are set aside with their reasons, as far as these are few.
  @Test func unreadablePictures() throws {
    try run.write("train/dark/zz.png", [])
    try run.write("train/dark/zy.gif", Array("GIF89a".utf8))
    let yaml = "data: \(run.folders)\n\(run.rest)"
    let many = failure { _ = try configuration(yaml).data.prepare(seed: 1) }
    #expect(
      many?.code == .badData && many?.description.contains("2 of 70 rows cannot be used, expected at most 1 %") == true)
    #expect(many?.description.contains("dark/zy.gif: expected a JPEG or PNG picture, found a GIF") == true)
    let report = try configuration(yaml, "data.images.quarantine-at-most=0.1").data.prepare(seed: 1)
    #expect(report?.contains("70 pictures of train, test\n2 set aside, with reasons in ") == true, "\(report ?? "")")
    #expect(report?.contains("dark/zz.png: expected a JPEG or PNG picture, found an empty file") == true)
  }

  @Test func badFolders() throws {
    func told(_ settings: String) -> String { run.told(settings) }
    #expect(told("train: \(folder["none"])").contains("none: expected a folder of pictures, found none"))
    try run.write("empty/a/1.png", Self.picture(0, 0))
    try makeDirectories(folder["empty/b"], cure: "")
    #expect(
      told("train: \(folder["empty"])").contains("b: expected pictures of the class 'b', found none; put some there"))
    #expect(
      told("train: \(folder["train"]), path: file").contains(
        "path: expected none without a source, a table that names pictures, found one"))
    #expect(told("train: \(folder["train/dark"])").contains("expected a folder for each class, found pictures alone"))
    try run.write("sizes/a/1.png", Self.picture(0, 0))
    try run.write("sizes/b/1.jpg", contents("pictures/444.jpg"))
    #expect(
      told("train: \(folder["sizes"]), split: {random: {test: 0}}").contains(
        "expected a size that all pictures are brought to, as they have several, found none; set size: 224"))
    #expect(
      told("size: 8").contains("train: expected a folder of pictures, or a source that names them, found neither"))
    try run.write("other/c/1.png", Self.picture(0, 0))
    #expect(
      told("train: \(folder["train"]), test: \(folder["other"])").contains(
        "expected a class of the training pictures, found 'c'"))
    for (test, how) in [
      ("train", "that of train"), ("train/dark", "one in that of train"), ("", "one around that of train"),
    ] {
      #expect(
        told("train: \(folder["train"]), test: \(folder[test])").contains(
          "test: expected a folder of its own, found \(how)"))
    }
    try run.write("one/a/1.png", Self.picture(0, 0))
    #expect(told("train: \(folder["one"]), split: {random: {test: 0}}").contains("expected two classes"))
    try run.write("short.tar", Array(tarArchive([("1.png", Self.picture(0, 0))]).prefix(600)))
    let yaml = "data: {webdataset: {train: \(folder["short.tar"]), keep-under: \(folder["prepared"])}}\n\(run.rest)"
    #expect(
      failure { _ = try configuration(yaml).data.prepare(seed: 1) }?.description.contains("it is cut short") == true)
    let twice = "data: {webdataset: {train: \(folder["short.tar"]), test: \(folder["short.tar"])}}\n\(run.rest)"
    #expect(
      failure { _ = try configuration(twice).data.prepare(seed: 1) }?.description.contains("found it named twice")
        == true)
  }

  private func contents(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: goldenPath(name))))
  }
}
