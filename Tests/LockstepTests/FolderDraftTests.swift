import Files
import Foundation
import Goldens
import TestSupport
import Testing

@testable import Lockstep

/// What `init` writes for folders of pictures, sounds and texts, and for one text; all of it trains as it is.
@Suite struct FolderDraftTests {
  let folder: Folder

  init() throws { folder = try Folder() }

  private func copy(_ golden: String, to name: String) throws {
    let path = folder[name]
    try makeDirectories(String(path[..<path.lastIndex(of: "/")!]), cure: "")
    try FileManager.default.copyItem(atPath: goldenPath(golden), toPath: path)
  }

  private func write(_ name: String, _ text: String) throws {
    let path = folder[name]
    try makeDirectories(String(path[..<path.lastIndex(of: "/")!]), cure: "")
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
  }

  private func pictures(_ root: String, _ names: [String], times: Int) throws {
    for (place, name) in names.enumerated() {
      for time in 0..<times {
        try copy("pictures/\(name)", to: "\(root)/\(place % 2 == 0 ? "cat" : "dog")/\(place)-\(time).\(name.suffix(3))")
      }
    }
  }

  /// Drafts `name`, trains it for an epoch, and returns what was written.
  private func trained(_ name: String, _ settings: [String] = []) throws -> (yaml: String, draft: any Draft) {
    let draft = try draft(of: folder[name], target: nil, configuration: folder["run.yaml"])
    try draft.write(to: folder["run.yaml"])
    _ = try train(folder["run.yaml"], settings + ["epochs=1"], in: folder["run"])
    return (try folder.text("run.yaml").replacing("\(folder.path)/", with: ""), draft)
  }

  private func expect(_ lines: [String], in yaml: String) {
    for line in lines { #expect(yaml.contains("\n\(line)"), "\(line) in \(yaml)") }
  }

  private func kept(_ kind: String) -> [String] { ["data.\(kind).keep-under=\(folder["prepared"])"] }

  @Test func picturesOfSeveralSizes() throws {
    try pictures("animals", ["420.jpg", "444.jpg", "photo.jpg", "rgb.png"], times: 6)
    let (yaml, draft) = try trained("animals", kept("images"))
    expect(
      [
        "    train: animals   # 2 classes: cat 50.0 %, dog 50.0 %",
        "    split: {stratified: {test: 0.2, validation: 0.1}}",
        "    size: ", "    channels: rgb", "  - random-resized-crop: {scale: [0.5, 1.0]}", "  - flip", "  - dense: 2",
        "metrics: [accuracy, f1]",
      ], in: yaml.replacing("\"", with: ""))
    #expect(draft.found == "2 classes: cat 50.0 %, dog 50.0 %" && draft.notes.isEmpty)
  }

  @Test func picturesOfOneSizeThatAreDivided() throws {
    for (part, times) in [("training", 8), ("Test", 3)] {
      try pictures("digits/\(part)", ["grey.png", "grey.png"], times: times)
    }
    let (yaml, _) = try trained("digits", kept("images"))
    expect(
      [
        "    train: digits/training   # 2 classes", "    test: digits/Test",
        "    split: {stratified: {validation: 0.1}}",
        "    channels: grey", "  # - flip   # not where",
      ], in: yaml.replacing("\"", with: ""))
    #expect(!yaml.contains("size:"))
  }

  @Test func sounds() throws {
    for (place, name) in ["speech.wav", "stereo.wav", "flac-16.flac", "whole-24.wav"].enumerated() {
      for time in 0..<5 {
        try copy("sounds/\(name)", to: "words/\(place % 2 == 0 ? "yes" : "no")/\(place)-\(time)-\(name)")
      }
    }
    let (yaml, draft) = try trained("words", kept("audio"))
    expect(
      ["    rate: ", "    seconds: ", "    features: {log-mel: {bands: 40}}", "  - spec-augment: ", "  - dense: 2"],
      in: yaml)
    #expect(draft.found == "2 classes: no 50.0 %, yes 50.0 %")
  }

  @Test func textsOfAFolderEach() throws {
    for number in 0..<60 {
      let (label, words) = number % 2 == 0 ? ("ham", "meet me at the station") : ("spam", "win a free price now")
      try write("mails/\(label)/\(number).txt", "\(words), letter \(number)\n")
    }
    let (yaml, _) = try trained("mails", kept("table"))
    expect(
      [
        "    target: class   # 2 classes: ham 50.0 %, spam 50.0 %", "    source: {text-files: {files: ",
        "      - tokens: {columns: text, length: 32, vocabulary: {bpe: 2048}}",
      ], in: yaml)
  }

  @Test func oneText() throws {
    try write("notes.txt", String(repeating: "It was a dark and stormy night; the rain fell in torrents. ", count: 60))
    let (yaml, draft) = try trained("notes.txt")
    expect(
      ["    file: ", "    unit: characters", "    vocabulary: 256", "  - dense: {units: 256, tied: \"0\""], in: yaml)
    #expect(draft.found == "the next character of a text of 3,540 bytes")
  }

  /// One picture of five is none: that stops a run, and is said before.
  @Test func whatCannotBeReadIsTold() throws {
    try pictures("animals", ["420.jpg", "444.jpg"], times: 4)
    for name in ["cat", "dog"] { try write("animals/\(name)/broken.png", "no picture") }
    let draft = try draft(of: folder["animals"], target: nil, configuration: folder["run.yaml"])
    #expect(draft.notes.count == 1)
    #expect(
      draft.notes.first?.replacing("\(folder.path)/", with: "")
        == "2 of 10 pictures cannot be read, and more than 1 % stop a run; the first is animals/cat/broken.png: expected a JPEG or PNG picture, found other bytes; correct them, or raise quarantine-at-most"
    )
  }

  @Test func whatCannotBeDrafted() throws {
    try pictures("animals", ["420.jpg", "444.jpg"], times: 1)
    try copy("pictures/420.jpg", to: "loose/cat/1.jpg")
    try copy("pictures/420.jpg", to: "loose/2.jpg")
    try write("none/cat/1.png", "")
    try write("none/dog/1.png", "x")
    try write("empty/readme.md", "nothing")
    try write("short.txt", "too short")
    try write("latin.txt", "")
    try Data([0x67, 0xFC, 0x6E]).write(to: URL(fileURLWithPath: folder["latin.txt"]))
    try write("table.csv", "x,side\n1,a\n2,b\n")
    let cases: [(data: String, target: String?, expected: String)] = [
      ("nothing", nil, "66 nothing: expected a table, a folder or a text, found none; check the path"),
      (
        "animals/cat", nil,
        "65 animals/cat/0-0.jpg: expected pictures in a folder for each class, found one without; put the pictures of each class into a folder of its name, or name a table of their paths as the configuration's source"
      ),
      (
        "loose", nil,
        "65 loose/2.jpg: expected pictures in a folder for each class, found one without; put the pictures of each class into a folder of its name, or name a table of their paths as the configuration's source"
      ),
      (
        "animals", "class",
        "64 --target: expected none, as folders tell the classes of their pictures, found 'class'; leave it out"
      ),
      (
        "none", nil,
        "65 none: none of 2 pictures can be read: none/cat/1.png: expected a JPEG or PNG picture, found an empty file; convert them"
      ),
      (
        "empty", nil,
        "66 empty: expected pictures, sounds or texts in a folder for each class, found none; check the path; of tables name the column to predict with --target"
      ),
      (
        "short.txt", nil,
        "65 short.txt: expected a text of 2,000 bytes at least, found 9; add more of it; to learn classes of texts, put each into a file in a folder of its class"
      ),
      ("latin.txt", nil, "65 latin.txt: expected UTF-8 text, found other bytes; convert it: iconv -t UTF-8"),
      (
        "table.csv", nil,
        "64 --target: expected the column of table.csv that is to be predicted, found none; the columns are 'x', 'side'"
      ),
    ]
    for (data, target, expected) in cases {
      let found = failure { _ = try draft(of: folder[data], target: target, configuration: folder["run.yaml"]) }
      let line = found.map { "\($0.code.rawValue) \($0)".replacing("\(folder.path)/", with: "") }
      #expect(line == expected)
    }
  }
}
