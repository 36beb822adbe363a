import Checkpoints
import Files
import Foundation
import Preparation
import TestSupport
import Testing

@testable import Lockstep

/// From sounds in folders, tables and archives to predictions, with the receipt that tells of all of it.
@Suite struct AudioRunTests {
  let folder: Folder

  init() throws {
    folder = try Folder()
    for part in ["train", "test"] {
      for (label, name) in ["high", "low"].enumerated() {
        for number in 0..<(part == "train" ? 20 : 8) {
          try write("\(part)/\(name)/\(number).wav", Self.sound(label, number + (part == "train" ? 0 : 100)))
        }
      }
    }
  }

  private func write(_ name: String, _ bytes: [UInt8]) throws {
    let path = folder[name]
    try makeDirectories(String(path[..<path.lastIndex(of: "/")!]), cure: "")
    try Data(bytes).write(to: URL(fileURLWithPath: path))
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

  private let form = "rate: 4000, seconds: 0.1, features: {log-mel: {bands: 8, window: 16, hop: 8}}"
  private let rest = """
    model: [{convolution-1d: {channels: 4, kernel: 3}}, relu, mean-positions, {dense: 2}]
    augment: [{shift: {time: 2}}, {spec-augment: {time-masks: 1, frequency-masks: 1, frequency-width: 1}}]
    optimizer: {adam: {learning-rate: 0.02}}
    epochs: 8
    batch: 16
    micro-batch: 4
    """

  private func recipe(_ data: String, named name: String = "run.yaml") throws -> String {
    try folder.write(name, "data: \(data)\n\(rest)\n")
  }

  private var folders: String {
    "{audio: {train: \(folder["train"]), test: \(folder["test"]), \(form), keep-under: \(folder["prepared"])}}"
  }

  private func trained(_ recipe: String) throws -> (digest: String, receipt: Receipt) {
    let digest = try train(recipe, ["lanes=1"], in: folder["1"])
    let receipt = try Receipt(ofRun: folder["1"])
    for ranks in [2, 3] {
      let own = ["data.audio.keep-under=\(folder["prepared-\(ranks)"])", "lanes=2"]
      #expect(try train(recipe, own, in: folder["\(ranks)"], ranks: ranks) == digest)
      #expect(try Receipt(ofRun: folder["\(ranks)"]) == receipt)
    }
    return (digest, receipt)
  }

  @Test func foldersTrainOnAnyRanks() throws {
    let (digest, receipt) = try trained(recipe(folders))
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
    // Prepared data are enough.
    let check = try ReceiptCheck(run: folder["1"])
    for (link, name) in [(ReceiptCheck.Link.raw, "again"), (.prepared, "later")] {
      let found = try check.receipt(from: link, in: folder[name]) { settings in
        try train(folder["1"] + "/config.yaml", settings, in: folder["\(name)/run"])
      }
      #expect(found == receipt, "from \(link)")
    }
  }

  @Test func predictionsNameTheirSounds() throws {
    try train(recipe(folders), in: folder["1"])
    let model = try Model(folder["1"])
    // Another rate, and a longer one.
    try write("new/b/2.wav", Self.sound(1, 300, rate: 8000, seconds: 0.3))
    try write("new/a.wav", Self.sound(0, 301))
    try write("new/broken.wav", Array(Self.sound(0, 1).prefix(60)))
    #expect(try model.writePredictions(of: folder["new"], to: folder["out.csv"]) == 3)
    let rows = try lines(folder.text("out.csv")).map { $0.split(separator: ",", omittingEmptySubsequences: false) }
    #expect(rows[0].prefix(2) == ["path", "prediction"] && rows[0].last == "problem")
    #expect(rows[1..<4].map { $0[0] } == ["a.wav", "b/2.wav", "broken.wav"])
    #expect(rows[1][1] == "high" && rows[2][1] == "low" && rows[3][1].isEmpty)
    #expect(rows[3].joined(separator: ",").contains("bytes of samples, found 16: it is cut short"))
    // One sound, and a list of names.
    #expect(try model.writePredictions(of: folder["new/a.wav"], to: folder["one.csv"]) == 1)
    try folder.write("new/list.txt", "b/2.wav\na.wav\n../out.csv\n")
    #expect(try model.writePredictions(of: folder["new/list.txt"], to: folder["list.csv"]) == 3)
    #expect(try folder.text("list.csv").contains("expected a path inside of"))
    // Ranks share the rows of a folder.
    let whole = try folder.text("out.csv")
    _ = try LocalWorld.run(ranks: 3) { world in
      try Model(folder["1"], world: world).writePredictions(of: folder["new"], to: folder["shared.csv"])
    }
    #expect(try folder.text("shared.csv") == whole)
  }

  /// Long sounds become several clips, all of them on one side, each with a row of predictions.
  @Test func severalClips() throws {
    for number in 0..<6 { try write("long/high/\(number).wav", Self.sound(0, number, seconds: 0.25)) }
    for number in 0..<6 { try write("long/low/\(number).wav", Self.sound(1, number, seconds: 0.4)) }
    let data = "{audio: {train: \(folder["long"]), \(form), clips: 4, fit: begin, split: {stratified: {test: 0.5}}, "
    let recipe = try recipe(data + "keep-under: \(folder["prepared"])}}")
    try train(recipe, in: folder["1"])
    let model = try Model(folder["1"])
    // Three of each high one, four of each low one.
    #expect(try model.testData().count == 21)
    #expect(try model.writePredictions(of: folder["long"], to: folder["out.csv"]) == 42)
    let rows = try lines(folder.text("out.csv")).map { $0.split(separator: ",", omittingEmptySubsequences: false) }
    #expect(rows[0].prefix(2) == ["path", "clip"] && rows[3].prefix(2) == ["high/0.wav", "3"])
    let whole = try folder.text("out.csv")
    _ = try LocalWorld.run(ranks: 2) { world in
      try Model(folder["1"], world: world).writePredictions(of: folder["long"], to: folder["shared.csv"])
    }
    #expect(try folder.text("shared.csv") == whole)
  }

  /// A table and archives of the same sounds give the same samples; groups of paths are on one side.
  @Test func tablesArchivesAndGroups() throws {
    var (table, archive) = ("file,what,part\n", [String: [UInt8]]())
    for part in ["train", "test"] {
      for (label, name) in ["high", "low"].enumerated() {
        for number in (0..<(part == "train" ? 20 : 8)).sorted(by: { "\($0).wav" < "\($1).wav" }) {
          let path = "\(part)/\(name)/\(number).wav"
          table += "\(path),\(name),\(part)\n"
          let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: folder[path])))
          archive[part, default: []] += Self.member("\(part)-\(name)-\(number).wav", bytes)
          archive[part, default: []] += Self.member("\(part)-\(name)-\(number).cls", Array("\(label)".utf8))
        }
      }
    }
    try folder.write("sounds.csv", table)
    let source = "{audio: {source: {csv: {files: \(folder["sounds.csv"])}}, path: file, target: what, \(form), "
    let digest = try train(
      recipe(source + "split: {fixed: {by: part}}, keep-under: \(folder["prepared"])}}"), in: folder["table"])
    #expect(try train(recipe(folders, named: "folders.yaml"), in: folder["folders"]) == digest)
    for (part, bytes) in archive { try write("\(part).tar", bytes + [UInt8](repeating: 0, count: 1024)) }
    let archives =
      "{audio: {train: \(folder["train.tar"]), test: \(folder["test.tar"]), \(form), keep-under: \(folder["prepared"])}}"
    #expect(try train(recipe(archives, named: "archives.yaml"), in: folder["archives"]) == digest)
    let groups = "{audio: {train: \(folder["train"]), \(form), group: \"*/{*}.wav\", "
    let data = groups + "split: {hash: {by: group, test: 0.4}}, keep-under: \(folder["prepared"])}}"
    let settings = try configuration("data: \(data)\n\(rest)")
    #expect(try settings.writeParts(to: folder["parts.csv"]))
    var parts: [Substring: Set<Substring>] = [:]
    for line in try lines(folder.text("parts.csv")).dropFirst() {
      let cells = line.split(separator: ",")
      parts[cells[0].split(separator: "/").last!, default: []].insert(cells[2])
    }
    #expect(parts.count == 20 && parts.values.allSatisfy { $0.count == 1 } && Set(parts.values).count == 2)
  }

  private static func member(_ name: String, _ content: [UInt8]) -> [UInt8] {
    var header = [UInt8](repeating: 0, count: 512)
    func put(_ text: String, _ place: Int) { for (i, byte) in text.utf8.enumerated() { header[place + i] = byte } }
    func octal(_ number: Int, _ digits: Int) -> String {
      let text = String(number, radix: 8)
      return String(repeating: "0", count: digits - text.count) + text
    }
    put(name, 0)
    put(octal(content.count, 11), 124)
    put("        0", 148)
    put("ustar\u{0}00", 257)
    put(octal(header.reduce(0) { $0 + Int($1) }, 6) + "\0 ", 148)
    return header + content + [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
  }

  /// What was prepared is found again as long as files are what they were; what has changed in it is seen.
  @Test func whatIsPreparedIsFoundAgain() throws {
    func prepared(_ setting: String = "epochs=1") throws -> String? {
      try configuration("data: \(folders)\n\(rest)", setting).data.preparedName(seed: 1)
    }
    let name = try #require(try prepared())
    #expect(try prepared() == name)
    #expect(try prepared("data.audio.seconds=0.2") != name)
    let path = folder["train/low/3.wav"]
    try Data(Self.sound(1, 77)).write(to: URL(fileURLWithPath: path))
    #expect(try prepared() != name)
    #expect(!folder.names("prepared").contains { $0.hasSuffix(".partial") || $0.hasSuffix(".lock") })
    try Data(Self.sound(1, 3)).write(to: URL(fileURLWithPath: path))
    #expect(try prepared() == name)
    let features = folder["prepared/\(name)/train.features.npy"]
    var bytes = try Data(contentsOf: URL(fileURLWithPath: features))
    bytes[300] ^= 1
    try bytes.write(to: URL(fileURLWithPath: features))
    #expect(failure { _ = try prepared() }?.description.contains("found it changed; delete the folder") == true)
  }

  /// Sounds that cannot be used are set aside with their reasons, as far as these are few.
  @Test func unreadableSounds() throws {
    try write("train/low/zz.wav", [])
    try write("train/low/zy.mp3", Array("ID3 and more".utf8))
    let yaml = "data: \(folders)\n\(rest)"
    let many = failure { _ = try configuration(yaml).data.prepare(seed: 1) }
    #expect(
      many?.code == .badData && many?.description.contains("2 of 58 rows cannot be used, expected at most 1 %") == true)
    let report = try configuration(yaml, "data.audio.quarantine-at-most=0.1").data.prepare(seed: 1)
    #expect(report?.contains("58 sounds of train, test\n2 set aside, with reasons in ") == true, "\(report ?? "")")
    #expect(report?.contains("low/zy.mp3: expected a WAV, FLAC, OGG, AIFF or AU sound, found an MP3") == true)
    #expect(report?.contains("samples: 13×8 of 0.10 s at 4000 Hz, decoded by libsndfile-") == true)
  }

  @Test func badSettings() throws {
    func told(_ settings: String) -> String {
      let yaml = "data: {audio: {\(settings), keep-under: \(folder["prepared"])}}\n\(rest)"
      return failure { _ = try configuration(yaml).data.prepare(seed: 1) }?.description ?? "nothing"
    }
    let train = "train: \(folder["train"])"
    #expect(told("train: \(folder["none"])").contains("none: expected a folder of sounds, found none"))
    #expect(
      told("seconds: 2").contains("train: expected a folder of sounds, or a source that names them, found neither"))
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
