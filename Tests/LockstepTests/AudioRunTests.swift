import Checkpoints
import Files
import Foundation
import Goldens
import Preparation
import TestSupport
import Testing

@testable import Lockstep

/// From sounds in folders, tables and archives to predictions, with the receipt that tells of all of it.
@Suite struct AudioRunTests {
  let run: ListedRun
  private var folder: Folder { run.folder }
  private static let form = "rate: 4000, seconds: 0.1, features: {log-mel: {bands: 8, window: 16, hop: 8}}, "

  init() throws {
    run = try ListedRun(
      kind: "audio", ending: "wav", classes: ["high", "low"], counts: (20, 8), settings: Self.form,
      rest: """
        model: [{convolution-1d: {channels: 4, kernel: 3}}, relu, mean-positions, {dense: 2}]
        augment: [{shift: {time: 2}}, {spec-augment: {time-masks: 1, frequency-masks: 1, frequency-width: 1}}]
        optimizer: {adam: {learning-rate: 0.02}}
        epochs: 8
        batch: 16
        micro-batch: 4
        """, file: { Self.sound($0, $1) })
  }

  /// A tenth of a second of a triangle wave, high or low, louder or softer, and noise, in a WAV file of 16 bits.
  private static func sound(_ label: Int, _ number: Int, rate: Int = 4000, seconds: Double = 0.1) -> [UInt8] {
    func bytes(_ number: Int, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }
    let period = (label == 0 ? 4 : 16) * rate / 4000
    let data = (0..<Int(Double(rate) * seconds)).flatMap { place -> [UInt8] in
      let wave = abs((place + number) % period * 2 - period) * 16_000 / period - 4000
      return bytes(wave * (50 + number * 7 % 50) / 100 + (place * 7919 + number * 31) % 801 - 400, 2)
    }
    let format = bytes(1, 2) + bytes(1, 2) + bytes(rate, 4) + bytes(2 * rate, 4) + bytes(2, 2) + bytes(16, 2)
    let body = Array("WAVEfmt ".utf8) + bytes(16, 4) + format + Array("data".utf8) + bytes(data.count, 4) + data
    return Array("RIFF".utf8) + bytes(body.count, 4) + body
  }

  @Test func foldersTrainOnAnyRanks() throws {
    let (digest, receipt) = try run.trained(run.recipe(run.folders))
    #expect(
      receipt.links.map(\.name) == ["raw", "schema", "split", "transform", "prepared", "samples", "weights", "metrics"])
    #expect(receipt.links[6].output == digest)
    let model = try Model(folder["1"])
    let test = try model.testData()
    #expect(test.count == 16 && test.shape == [13, 8] && test.classNames == ["high", "low"])
    #expect(try model.evaluate(test).headline.value > 0.9)
    // What is measured from files is what is measured from what was prepared.
    let other = try model.labelledData(folder["test"], labels: nil)
    #expect(try model.predict(other).view.array == model.predict(test).view.array)
    #expect(try model.exportONNX(to: folder["a.onnx"]).contains("1 input"))
    try run.requireNoted(model, library: "libsndfile-")
    // Prepared data are enough.
    try run.requireSame(receipt)
  }

  @Test func predictionsNameTheirSounds() throws {
    try train(run.recipe(run.folders), in: folder["1"])
    let model = try Model(folder["1"])
    // Another rate, and a longer one.
    try run.write("new/b/2.wav", Self.sound(1, 300, rate: 8000, seconds: 0.3))
    try run.write("new/a.wav", Self.sound(0, 301))
    try run.write("new/broken.wav", Array(Self.sound(0, 1).prefix(60)))
    #expect(try model.writePredictions(of: folder["new"], to: folder["out.csv"]) == 3)
    let rows = try run.cells("out.csv")
    #expect(rows[0].prefix(2) == ["path", "prediction"] && rows[0].last == "problem")
    #expect(rows[1..<4].map { $0[0] } == ["a.wav", "b/2.wav", "broken.wav"])
    #expect(rows[1][1] == "high" && rows[2][1] == "low" && rows[3][1].isEmpty)
    #expect(rows[3].joined(separator: ",").contains("bytes of samples, found 16: it is cut short"))
    // One sound, and a list of names.
    #expect(try model.writePredictions(of: folder["new/a.wav"], to: folder["one.csv"]) == 1)
    try folder.write("new/list.txt", "\u{FEFF}b/2.wav\na.wav\n../out.csv\n")
    #expect(try model.writePredictions(of: folder["new/list.txt"], to: folder["list.csv"]) == 3)
    #expect(try folder.text("list.csv").contains("expected a path inside of"))
    #expect(try run.cells("list.csv")[1].prefix(2) == ["b/2.wav", "low"])
    // Ranks share the rows of a folder.
    try run.requireShared("new", as: "out.csv")
  }

  /// Long sounds become several clips, all of them on one side, each with a row of predictions.
  @Test func severalClips() throws {
    for number in 0..<6 { try run.write("long/high/\(number).wav", Self.sound(0, number, seconds: 0.25)) }
    for number in 0..<6 { try run.write("long/low/\(number).wav", Self.sound(1, number, seconds: 0.4)) }
    let data = run.source("train: \(folder["long"]), clips: 4, fit: begin, split: {stratified: {test: 0.5}}")
    try train(run.recipe(data), in: folder["1"])
    let model = try Model(folder["1"])
    // Three of each high one, four of each low one.
    #expect(try model.testData().count == 21)
    #expect(try model.writePredictions(of: folder["long"], to: folder["out.csv"]) == 42)
    let rows = try run.cells("out.csv")
    #expect(rows[0].prefix(2) == ["path", "clip"] && rows[3].prefix(2) == ["high/0.wav", "3"])
    try byFile(model, rows)
    try run.requireShared("long", as: "out.csv")
  }

  /// A row a recording: the mean of its clips, in the figures too.
  private func byFile(_ model: Model, _ clips: [[Substring]]) throws {
    try run.write("long/low/zz.wav", Array("RIFF".utf8))
    let counts = try model.writeRows(of: folder["long"], to: folder["files.csv"], byFile: true)
    #expect(counts == (13, 1))
    let files = try run.cells("files.csv")
    #expect(files[0].prefix(2) == ["path", "prediction"] && files.count == 14)
    // Three clips of each high one.
    for (place, first) in [(1, 1), (2, 4)] {
      #expect(files[place][0] == clips[first][0])
      let mean = clips[first..<first + 3].reduce(0.0) { $0 + Double($1[3])! } / 3
      #expect(abs(Double(files[place][2])! - mean) < 1e-3, "\(files[place]) of \(clips[first..<first + 3])")
    }
    #expect(files[13].joined(separator: ",").contains("the beginning of one: it is cut short"))
    try FileManager.default.removeItem(atPath: folder["long/low/zz.wav"])
    _ = try LocalWorld.run(ranks: 3) { world in
      try Model(folder["1"], world: world).writeRows(of: folder["long"], to: folder["shared-files.csv"], byFile: true)
    }
    #expect(try lines(folder.text("shared-files.csv")) == lines(folder.text("files.csv")).dropLast())
    for data in [try model.testData(), try model.labelledData(folder["long"], labels: nil)] {
      let subjects = try #require(try model.judgedRows(data))
      let whole = try #require(try model.perFile(subjects, of: data))
      #expect(whole[0].rows.count == (data.count == 21 ? 6 : 12))
    }
    // Clips of one file are a file each.
    let single = try train(run.recipe(run.folders, named: "single.yaml"), ["epochs=1"], in: folder["single"])
    #expect(!single.isEmpty)
    let told = failure {
      _ = try Model(folder["single"]).writeRows(of: folder["long"], to: folder["x.csv"], byFile: true)
    }
    #expect(told?.description.contains("--by-file: expected a model of files that become several clips each") == true)
  }

  /// A table and archives of the same sounds give the same samples; groups of paths are on one side.
  @Test func tablesArchivesAndGroups() throws {
    let (table, members) = try run.listed()
    try folder.write("sounds.csv", table)
    let source = run.source(
      "source: {csv: {files: \(folder["sounds.csv"])}}, path: file, target: what, split: {fixed: {by: part}}")
    let digest = try train(run.recipe(source), in: folder["table"])
    #expect(try train(run.recipe(run.folders, named: "folders.yaml"), in: folder["folders"]) == digest)
    for (part, members) in members { try run.write("\(part).tar", tarArchive(members)) }
    let archives = run.source("train: \(folder["train.tar"]), test: \(folder["test.tar"])")
    #expect(try train(run.recipe(archives, named: "archives.yaml"), in: folder["archives"]) == digest)
    let data = run.source(
      "train: \(folder["train"]), group: \"*/{*}.wav\", split: {hash: {by: group, test: 0.4}}")
    #expect(try configuration("data: \(data)\n\(run.rest)").writeParts(to: folder["parts.csv"]))
    var parts: [Substring: Set<Substring>] = [:]
    for line in try lines(folder.text("parts.csv")).dropFirst() {
      let cells = line.split(separator: ",")
      parts[cells[0].split(separator: "/").last!, default: []].insert(cells[2])
    }
    #expect(parts.count == 20 && parts.values.allSatisfy { $0.count == 1 } && Set(parts.values).count == 2)
  }

  /// What was prepared is found again as long as files are what they were; what has changed in it is seen.
  @Test func whatIsPreparedIsFoundAgain() throws {
    let name = try #require(try run.preparedName())
    #expect(try run.preparedName() == name)
    #expect(try run.preparedName(["data.audio.seconds=0.2"]) != name)
    let path = folder["train/low/3.wav"]
    try Data(Self.sound(1, 77)).write(to: URL(fileURLWithPath: path))
    #expect(try run.preparedName() != name)
    #expect(!folder.names("prepared").contains { $0.hasSuffix(".partial") || $0.hasSuffix(".lock") })
    try Data(Self.sound(1, 3)).write(to: URL(fileURLWithPath: path))
    #expect(try run.preparedName() == name)
    let features = folder["prepared/\(name)/train.features.npy"]
    var bytes = try Data(contentsOf: URL(fileURLWithPath: features))
    bytes[300] ^= 1
    try bytes.write(to: URL(fileURLWithPath: features))
    #expect(failure { _ = try run.preparedName() }?.description.contains("found it changed; delete the folder") == true)
    try bytes.prefix(1003).write(to: URL(fileURLWithPath: features))
    let short = failure { _ = try run.preparedName() }?.description
    #expect(
      short?.contains("train.features.npy: expected what was prepared, found a file that is damaged or cut") == true)
    bytes[300] ^= 1
    try bytes.write(to: URL(fileURLWithPath: features))
    #expect(try run.preparedName() == name)
    // A count that no product holds.
    let summary = folder["prepared/\(name)/prepared.json"]
    let text = try folder.text("prepared/\(name)/prepared.json")
    let huge = text.replacing(/"train"\s*:\s*[0-9]+/, with: "\"train\" : \(Int.max)")
    #expect(huge != text)
    try Data(huge.utf8).write(to: URL(fileURLWithPath: summary))
    #expect(failure { _ = try run.preparedName() }?.description.contains("found it changed; delete the folder") == true)
  }

  /// The library that decoded Vorbis stands in the receipt, where a sound was of that.
  @Test func vorbisIsToldOf() throws {
    func decoder() throws -> String {
      let links = try configuration("data: \(run.folders)\n\(run.rest)").data.links(seed: 1)
      return try #require(links.first { $0.name == "transform" }?.inputs.first)
    }
    let plain = try decoder()
    #expect(plain.hasPrefix("libsndfile-") && !plain.contains(","))
    let bytes = try Data(contentsOf: URL(fileURLWithPath: goldenPath("sounds/vorbis.ogg")))
    try run.write("train/low/z.ogg", Array(bytes))
    #expect(try decoder().hasPrefix("\(plain), Xiph.Org libVorbis "))
  }

  /// Sounds that cannot be used are set aside with their reasons, as far as these are few.
  @Test func unreadableSounds() throws {
    try run.write("train/low/zz.wav", [])
    try run.write("train/low/zy.mp3", Array("ID3 and more".utf8))
    let yaml = "data: \(run.folders)\n\(run.rest)"
    let many = failure { _ = try configuration(yaml).data.prepare(seed: 1) }
    #expect(
      many?.code == .badData && many?.description.contains("2 of 58 rows cannot be used, expected at most 1 %") == true)
    let report = try configuration(yaml, "data.audio.quarantine-at-most=0.1").data.prepare(seed: 1)
    #expect(report?.contains("58 sounds of train, test\n2 set aside, with reasons in ") == true, "\(report ?? "")")
    #expect(report?.contains("low/zy.mp3: expected a WAV, FLAC, OGG, AIFF or AU sound, found an MP3") == true)
    #expect(report?.contains("samples: 13×8 of 0.10 s at 4000 Hz, decoded by libsndfile-") == true)
  }

  @Test func badSettings() throws {
    func told(_ settings: String) -> String { run.told(settings) }
    let train = "train: \(folder["train"])"
    #expect(told("train: \(folder["none"])").contains("none: expected a folder of sounds, found none"))
    #expect(
      told("seconds: 2").contains("train: expected a folder of sounds, or a source that names them, found neither"))
    #expect(told("\(train), path: file").contains("path: expected none without a source"))
    #expect(told("\(train), classes: [high]").contains("classes: expected two classes at least, found one"))
    #expect(
      told("\(train), classes: [high, low, none]").contains(
        "expected training sounds of the class 'none', which is named, found none"))
    #expect(
      told("\(train), features: {log-mel: {scale: natural, range: 60}}").contains(
        "range: expected none with scale: natural"))
    #expect(
      told("\(train), features: {log-mel: {scale: linear, floor: 0.1}}").contains(
        "floor: expected none with scale: linear"))
    try run.write("x.tgz", [0x1F, 0x8B, 8, 0])
    #expect(told("train: \(folder["x.tgz"])").contains("found one that is packed by gzip; unpack it: gunzip -c "))
    #expect(
      told("\(train), group: \"*/*\"").contains("expected a pattern of paths with a group in braces, found '*/*'"))
    let byGroup = "split: {hash: {by: group, test: 0.4}}"
    #expect(
      told("\(train), group: \"{*}.wav\", \(byGroup)").contains(
        "expected a path that {*}.wav matches, found high/0.wav"))
    #expect(told("\(train), group: \"*/{*}.wav\"").contains("group: expected a split by it, found random"))
    #expect(told("\(train), \(byGroup)").contains("expected a column 'group', found 'path', 'class'; "))
    #expect(
      told("\(train), test: \(folder["train"])").contains("test: expected a folder of its own, found that of train"))
    #expect(
      told("train: [\(folder["train"]), \(folder["train/high"])]").contains("found one in that of train"))
    #expect(
      told("\(train), features: {log-mel: {bands: 300}}").contains("take fewer bands, or set fft: 1024"))
    #expect(told("\(train), features: {log-mel: {fft: 300}}").contains("fft: expected a power of two from 400"))
    #expect(told("\(train), seconds: 0.05, features: {mfcc: {deltas: 2}}").contains("expected at least nine frames"))
    #expect(told("\(train), features: {mfcc: {coefficients: 50}}").contains("expected at most as many as bands, 40"))
    #expect(told("\(train), rate: 8000, features: {log-mel: {high: 5000}}").contains("up to half the rate, 4000.0 Hz"))
  }
}
