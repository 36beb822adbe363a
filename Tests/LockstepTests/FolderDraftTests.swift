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

  private func pictures(_ root: String, _ names: [String], times: Int, classes: [String] = ["cat", "dog"]) throws {
    for (place, name) in names.enumerated() {
      for time in 0..<times {
        try copy("pictures/\(name)", to: "\(root)/\(classes[place % 2])/\(place)-\(time).\(name.suffix(3))")
      }
    }
  }

  private func texts(_ root: String, _ classes: [String], times: Int) throws {
    for (place, name) in classes.enumerated() {
      for number in 0..<times {
        try write("\(root)/\(name)/\(number).txt", "word\(place) and letter \(number) of word\(place)\n")
      }
    }
  }

  private func drafted(_ name: String) throws -> any Draft {
    try draft(of: folder[name], target: nil, configuration: folder["run.yaml"])
  }

  /// Drafts `name`, trains it for an epoch, and returns what was written, with paths below the folder.
  private func trained(_ name: String) throws -> (yaml: String, draft: any Draft) {
    let draft = try drafted(name)
    try draft.write(to: folder["run.yaml"])
    let text = try folder.text("run.yaml")
    let kind = ["images", "audio", "table"].first { text.contains("\n  \($0):\n") }
    let kept = kind.map { ["data.\($0).keep-under=\(folder["prepared"])"] } ?? []
    _ = try train(folder["run.yaml"], kept + ["epochs=1"], in: folder["run-\(name)"])
    return (text.replacing("\(folder.path)/", with: ""), draft)
  }

  private func expect(_ lines: [String], in yaml: String) {
    for line in lines { #expect(yaml.contains("\n\(line)"), "\(line) in \(yaml)") }
  }

  private func notes(_ draft: any Draft) -> [String] { draft.notes.map { $0.replacing("\(folder.path)/", with: "") } }

  @Test func picturesOfSeveralSizes() throws {
    try pictures("animals", ["420.jpg", "444.jpg", "photo.jpg", "rgb.png"], times: 6)
    let (yaml, draft) = try trained("animals")
    expect(
      [
        "    train: \"animals\"   # 2 classes: cat 50.0 %, dog 50.0 %",
        "    split: {stratified: {test: 0.2, validation: 0.1}}", "    size: 32   # all are brought to it",
        "    channels: rgb", "  - random-resized-crop: {scale: [0.5, 1.0]}", "  - flip", "  - dense: 2",
        "metrics: [accuracy, f1]", "early-stopping: {patience: 10}", "# With few pictures start from weights",
      ], in: yaml)
    #expect(draft.found == "2 classes: cat 50.0 %, dog 50.0 %" && draft.notes.isEmpty)
  }

  @Test func picturesOfOneSizeThatAreDivided() throws {
    for (part, times) in [("training", 10), ("Test", 3)] {
      try pictures("digits/\(part)", ["grey.png", "grey.png"], times: times)
    }
    try pictures("digits/old", ["grey.png", "grey.png"], times: 1)
    let (yaml, draft) = try trained("digits")
    expect(
      [
        "    train: \"digits/training\"   # 2 classes", "    test: \"digits/Test\"",
        "    split: {stratified: {validation: 0.1}}", "    channels: grey", "  # - flip   # not where",
      ], in: yaml)
    #expect(yaml.contains("after a look at 20 training pictures in digits: "))
    #expect(notes(draft) == ["digits/old is left out: it is no folder of training, validation or test files"])
  }

  @Test func sounds() throws {
    for (place, name) in ["speech.wav", "stereo.wav", "flac-16.flac", "whole-24.wav"].enumerated() {
      for time in 0..<5 {
        try copy("sounds/\(name)", to: "words/\(place % 2 == 0 ? "yes" : "no")/\(place)-\(time)-\(name)")
      }
    }
    let (yaml, draft) = try trained("words")
    expect(
      ["    rate: ", "    seconds: ", "    features: {log-mel: {bands: ", "  - spec-augment: ", "  - dense: 2"],
      in: yaml)
    #expect(draft.found == "2 classes: no 50.0 %, yes 50.0 %")
  }

  @Test func textsOfAFolderEach() throws {
    try texts("mails", ["NA", "spam # 1", "work/new"], times: 20)
    let (yaml, draft) = try trained("mails")
    expect(
      [
        "    target: class   # 3 classes: NA 33.3 %, spam # 1 33.3 %, work/new 33.3 %",
        "    source: {text-files: {files: \"mails\"}}", "    missing: [\"\"]", "  - dense: 3",
        "      - tokens: {columns: text, length: 32, vocabulary: {bpe: 2048}}",
      ], in: yaml)
    #expect(yaml.contains(" --input FOLDER --keep file --output "))
    #expect(draft.notes.isEmpty)
  }

  /// Those for testing have a folder of their own, so that none of the others are taken for it.
  @Test func textsThatAreDivided() throws {
    try texts("mails/train", ["ham", "spam"], times: 30)
    try texts("mails/test", ["ham", "spam"], times: 5)
    try write("mails/train/ham/empty.txt", "")
    try write("mails/readme.txt", "letters")
    let (yaml, draft) = try trained("mails")
    expect(
      [
        "    source: {text-files: {files: \"mails/train\"}}", "    split: {stratified: {test: 0, validation: 0.1}}",
        "# Test:    lockstep evaluate runs/run --data mails/test",
      ], in: yaml)
    #expect(
      notes(draft) == [
        "files beside the folders of training and test files are left out", "1 text that is empty is passed over",
      ])
  }

  /// Words cannot be counted; nine of ten texts are to be read whole.
  @Test func textsWithoutSpaces() throws {
    for (place, name) in ["一", "二"].enumerated() {
      for number in 0..<20 {
        let text = String(repeating: "山水火土金木日月", count: 30) + ["東京大阪", "北海道島"][place] + "\(number)"
        try write("news/\(name)/\(number).txt", text)
      }
    }
    let (yaml, _) = try trained("news")
    expect(["      - tokens: {columns: text, length: 128,"], in: yaml)
  }

  @Test func oneText() throws {
    try write("notes.txt", String(repeating: "it was a dark and stormy night; the rain fell in torrents. ", count: 60))
    let (yaml, draft) = try trained("notes.txt")
    expect(
      ["    file: ", "    unit: characters", "    vocabulary: 256", "  - dense: {units: 256, tied: \"0\""], in: yaml)
    #expect(yaml.contains("lockstep generate runs/run --prompt=it --length 200"))
    #expect(draft.found == "the next character of a text of 3,540 characters, 20 different ones")
    // More characters than a vocabulary of them has.
    let letters = (0..<600).map { String(UnicodeScalar(0x4E00 + $0 * 7)!) }
    try write("zh.txt", (0..<12).map { turn in letters.map { "\($0)\(turn % 2 == 0 ? "的" : "是")" }.joined() }.joined())
    expect(["    vocabulary: {bpe: 2048}"], in: try trained("zh.txt").yaml)
  }

  @Test func picturesOfOnePixel() throws {
    // PNG files of one grey pixel.
    let dots = [
      "light": "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGM4AQAAygDJmcpdfgAAAABJRU5ErkJggg==",
      "dark": "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGPgAgAADAALZzornAAAAABJRU5ErkJggg==",
    ]
    for (name, dot) in dots {
      for number in 0..<16 {
        try write("dots/\(name)/\(number).png", "")
        try #require(Data(base64Encoded: dot)).write(to: URL(fileURLWithPath: folder["dots/\(name)/\(number).png"]))
      }
    }
    let (yaml, _) = try trained("dots")
    expect(["    size: [1, 1]", "  - convolution: ", "  - global-average-pool"], in: yaml)
    #expect(!yaml.contains("max-pool") && !yaml.contains("augment"))
  }

  /// Too few for validation to have some of each, and of equally many files those that come first.
  @Test func fewFiles() throws {
    try pictures("few", ["420.jpg", "444.jpg"], times: 3)
    for place in 0..<3 { for name in ["cat", "dog"] { try write("few/\(name)/\(place).txt", "a \(name)") } }
    let (yaml, draft) = try trained("few")
    #expect(!yaml.contains("early-stopping") && yaml.contains("\n  images:\n"))
    #expect(notes(draft) == ["6 texts beside the pictures are left out"])
  }

  /// What is told before a run would stop at it, or go on without it.
  @Test func whatIsNoted() throws {
    try pictures("animals", ["420.jpg", "444.jpg"], times: 4)
    for name in ["cat", "dog"] { try write("animals/\(name)/broken.png", "no picture") }
    try copy("pictures/420.jpg", to: "animals/7.jpg")
    try copy("sounds/speech.wav", to: "animals/dog/bark.wav")
    #expect(
      notes(try drafted("animals")) == [
        "1 sound beside the pictures is left out",
        "1 picture lies in no folder of a class: it is set aside; the first is animals/7.jpg",
        "2 of 11 pictures cannot be read, and more than 1 % stop a run; the first is animals/cat/broken.png: expected a JPEG or PNG picture, found other bytes; correct them, or raise quarantine-at-most",
      ])
    try pictures("two/train", ["420.jpg", "444.jpg"], times: 4)
    try pictures("two/test", ["420.jpg", "444.jpg"], times: 1, classes: ["cat", "cow"])
    #expect(notes(try drafted("two")) == ["the class 'cow' is in test alone, which stops a run; remove its folder"])
  }

  /// Of a sound too, what says its beginning that it is decides, not its name.
  @Test func whatCannotBeDrafted() throws {
    try pictures("animals", ["420.jpg", "444.jpg"], times: 1)
    try pictures("parts/train", ["420.jpg", "444.jpg"], times: 1)
    try pictures("more/train", ["420.jpg", "444.jpg"], times: 1)
    for name in ["val", "dev"] { try pictures("more/\(name)", ["420.jpg", "444.jpg"], times: 1) }
    for name in ["yes", "no"] { try write("songs/\(name)/1.mp3", "ID3 and more") }
    try write("none/cat/1.png", "")
    try write("none/dog/1.png", "x")
    try write("empty/readme.pdf", "nothing")
    try write("short.txt", "too short")
    try write("latin.txt", "")
    try Data([0x67, 0xFC, 0x6E]).write(to: URL(fileURLWithPath: folder["latin.txt"]))
    try write("table.csv", "x,side\n1,a\n2,b\n")
    try copy("pictures/420.jpg", to: "one.jpg")
    let cases: [(data: String, target: String?, expected: String)] = [
      ("nothing", nil, "66 nothing: expected a table, a folder or a text, found none; check the path"),
      (
        "animals/cat", nil,
        "65 animals/cat: expected a folder for each class, found pictures alone; put the pictures of each class into a folder of its name"
      ),
      (
        "parts", nil,
        "65 parts: expected folders of two classes at least, found 'train' alone; if that is a folder of classes, name it: parts/train"
      ),
      (
        "more", nil,
        "65 more: expected one folder of validation, found dev and val; put their files into one"
      ),
      (
        "animals", "class",
        "64 --target: expected none, as folders tell the classes of their pictures, found 'class'; leave it out"
      ),
      (
        "empty", nil,
        "66 empty: expected pictures, sounds or texts in a folder for each class, or tables, found none; check the path"
      ),
      (
        "songs", nil,
        "65 songs: none of 2 sounds can be read: songs/no/1.mp3: expected a WAV, FLAC, OGG, AIFF or AU sound, found an MP3; convert them"
      ),
      (
        "none", nil,
        "65 none: none of 2 pictures can be read: none/cat/1.png: expected a JPEG or PNG picture, found an empty file; convert them"
      ),
      (
        "one.jpg", nil,
        "64 one.jpg: expected a folder with a folder for each class, found one picture; put the pictures of each class into a folder of its name, and name the folder around these"
      ),
      (
        "short.txt", nil,
        "65 short.txt: expected a text of 2,000 characters at least, found 9; add more of it; to learn classes of texts, put each into a file in a folder of its class"
      ),
      ("latin.txt", nil, "65 latin.txt: expected UTF-8 text, found other bytes"),
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

  @Test func namesOfDrafts() throws {
    try pictures("my photos.v2", ["420.jpg", "444.jpg"], times: 1)
    #expect(draftName(of: folder["my photos.v2"] + "/") == "my photos.v2.yaml")
    #expect(draftName(of: "work/credit.csv.gz") == "credit.yaml" && draftName(of: "part-*.csv") == "table.yaml")
    #expect(draftName(of: "{sqlite: {file: a.db}}") == "table.yaml" && draftName(of: ".csv") == "table.yaml")
    #expect(DraftPlace.word("runs/größe-2.yaml") == "runs/größe-2.yaml")
    #expect(DraftPlace.word("it's # my.yaml") == "'it'\\''s # my.yaml'" && DraftPlace.word("") == "''")
    let yaml = try draft(of: folder["my photos.v2/"], target: nil, configuration: "my photos.yml").yaml
    #expect(
      yaml.contains("# Train:   lockstep train 'my photos.yml'\n# Predict: lockstep predict 'runs/my photos' --input"))
  }
}
