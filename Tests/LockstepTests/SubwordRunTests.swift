import Checkpoints
import Foundation
import TestSupport
import Testing

@testable import Datasets
@testable import Lockstep
@testable import Preparation

/// Runs on pieces of words: models that write, and classes of texts.
@Suite struct SubwordRunTests {
  private let folder: Folder

  init() throws {
    folder = try Folder()
    let text = (0..<300).map { "line \($0 % 7): the cat sat on mat \($0 * 13 % 10), the café is größer.\n" }.joined()
    try folder.write("corpus.txt", text)
    try folder.write(
      "words.yaml",
      """
      data:
        text:
          file: \(folder["corpus.txt"])
          vocabulary: {bpe: 320}
          length: 10
          test-share: 0.2
          keep-under: \(folder["prepared"])
      standardise: none
      model:
        - embedding: {width: 12}
        - positions
        - residual: {body: [layer-norm, {attention: {heads: 3, causal: true}}]}
        - layer-norm
        - dense: {units: 320, tied: "0", bias: false}
      optimizer: {adamw: 0.01}
      epochs: 2
      batch: 30
      micro-batch: 6
      seed: 5

      """)
  }

  @Test func aTextOnAnyRanks() throws {
    let recipe = folder["words.yaml"]
    let digest = try train(recipe, ["lanes=1"], in: folder["1"])
    let receipt = try Receipt(ofRun: folder["1"])
    #expect(receipt.links.map(\.name) == ["raw", "transform", "prepared", "samples", "weights", "metrics"])
    let kept = try FileManager.default.contentsOfDirectory(atPath: folder["prepared"])
    #expect(kept.count == 1 && kept[0].hasPrefix("text-"))
    for ranks in [2, 3] {
      let own = ["data.text.keep-under=\(folder["prepared-\(ranks)"])", "lanes=2"]
      #expect(try train(recipe, own, in: folder["\(ranks)"], ranks: ranks) == digest)
      #expect(try Receipt(ofRun: folder["\(ranks)"]) == receipt)
    }
    // A second start takes what is there: nothing else is made.
    let before = try folder.text("prepared/\(kept[0])/prepared.json")
    #expect(try train(recipe, in: folder["again"]) == digest)
    #expect(try folder.text("prepared/\(kept[0])/prepared.json") == before)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder["prepared"]) == kept)
  }

  /// The checkpoint alone evaluates and writes; the loss in bits is that of the text's bytes.
  @Test func theCheckpointHasItsVocabulary() throws {
    try train(folder["words.yaml"], ["epochs=30"], in: folder["run"])
    let model = try Model(folder["run"])
    let test = try model.testData()
    guard case .windows(let windows) = test.features else { return #expect(Bool(false)) }
    let vocabulary = try #require(
      try model.configuration.vocabulary(model.record.classes, preparation: model.preparation))
    #expect(vocabulary.names.count == 320 && vocabulary.unit == .subwords)
    let targets = (0..<test.count * 10).map { windows.tokens[$0 + 1] }
    let bytes = targets.reduce(0) { $0 + vocabulary.bytes(of: $1).count }
    let found = try model.evaluate(test)
    let bits = try #require(found.metrics.first { $0.name == "bits per byte" }?.value)
    #expect(abs(bits - found.loss * Double(targets.count) / Double(bytes) / log(2)) < 1e-9)
    #expect(found.headline.name == "bits per byte" && bits < 1, "\(bits)")
    // The test text begins behind a line, and comes back.
    let whole = try folder.text("corpus.txt")
    let text = vocabulary.text(of: windows.tokens)
    #expect(
      whole.hasSuffix(text) && text.hasPrefix("line ") && Double(text.utf8.count) / Double(whole.utf8.count) > 0.19)
    // Neither the corpus nor what was prepared is needed.
    try FileManager.default.removeItem(atPath: folder["prepared"])
    try FileManager.default.removeItem(atPath: folder["corpus.txt"])
    let other = try folder.write("other", "line 3: the cat sat on mat 9, the café is größer.\nline 4: das 猫 sat.\n")
    #expect(try model.evaluate(model.labelledData(other, labels: nil)).samples > 2)
    let likeliest = try model.generate(from: "line 3: the ", count: 3, temperature: 0)
    #expect(try !likeliest.isEmpty && model.generate(from: "line 3: the ", count: 3, topK: 1) == likeliest)
    var pieces: [String] = []
    try model.generate(from: "", count: 60, temperature: 1.5, seed: 3) { pieces.append($0) }
    #expect(try pieces.joined() == model.generate(from: "", count: 60, temperature: 1.5, seed: 3))
    #expect(
      try model.exportONNX(to: folder["m.onnx"]).contains("m.model: the vocabulary of the text, for SentencePiece"))
    let own = try SentencePieceModel(Array(Data(contentsOf: URL(fileURLWithPath: folder["m.model"]))))
    #expect(own == vocabulary.model)
  }

  @Test func characterRunsMayMeasureBits() throws {
    let recipe = folder["words.yaml"]
    let characters = [
      "model.0.embedding.vocabulary=320",
      "data.text={file: \(folder["corpus.txt"]), length: 10, vocabulary: 320, test-share: 0.2}",
    ]
    try train(recipe, characters, in: folder["usual"])
    #expect(try metrics(of: folder["usual"]).keys.sorted() == ["test accuracy", "test loss", "test perplexity"])
    try train(recipe, characters + ["metrics=[bits-per-byte]"], in: folder["bits"])
    let found = try metrics(of: folder["bits"])
    #expect(found.keys.sorted() == ["test bits per byte", "test loss"])
  }

  @Test(
    arguments: [
      ("data.text.vocabulary={bpe: 40}", "expected at most 40 pieces to have one for each character and byte, found 2"),
      ("data.text.length=200000", "expected more than 200000 subwords for training, found"),
      ("data.text.vocabulary={sentencepiece: /nowhere.model}", "/nowhere.model"),
      ("data.text.unit=bytes", "data.text.vocabulary: expected a whole number"),
    ])
  func mistakesAreNamed(setting: String, message: String) throws {
    let found = failure { try train(folder["words.yaml"], [setting], in: folder["run"]) }
    #expect(found?.description.contains(message) == true, "\(found?.description ?? "none")")
  }

  @Test func textThatIsNoUTF8() throws {
    try Data([0x61, 0xFF, 0x62, 0x0A]).write(to: URL(fileURLWithPath: folder["corpus.txt"]))
    let found = failure { try train(folder["words.yaml"], in: folder["run"]) }
    #expect(
      found?.description.hasSuffix("expected UTF-8 text, found other bytes; convert it, or read it as bytes") == true)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder["prepared"]) == [])
  }

  // MARK: - Classes of texts

  private static let words = [
    "red": ["apple", "rose", "fire"], "green": ["grass", "leaf", "frog"], "blue": ["sky", "sea", "ink"],
  ]

  private func texts(_ count: Int) -> [(text: String, colour: String)] {
    let colours = Self.words.keys.sorted()
    return (0..<count).map { row in
      let colour = colours[row * 7 % 3]
      return ("the \(Self.words[colour]![row % 3]) of day \(row * 31 % 97)\nwas seen", colour)
    }
  }

  private func table(_ source: String, columns: String = "text", target: String? = nil) throws -> String {
    try folder.write(
      "classes.yaml",
      """
      data:
        table:
          source: \(source)
          target: \(target ?? (columns == "text" ? "class" : "colour"))
          split: {stratified: {test: 0.25}}
          columns: [{tokens: {columns: \(columns), length: 12, vocabulary: {bpe: 300}}}]
          keep-under: \(folder["prepared"])
      model: [{embedding: {width: 8}}, mean-positions, {dense: 3}]
      optimizer: {adamw: 0.02}
      epochs: 20
      batch: 32
      micro-batch: 8

      """)
  }

  @Test func classesOfTexts() throws {
    var csv = "note,colour\n"
    for (text, colour) in texts(300) { csv += "\"\(text)\",\(colour)\n" }
    // One without a text, and a class that has none.
    csv += ",red\n"
    try folder.write("texts.csv", csv)
    let recipe = try table("{csv: {files: \(folder["texts.csv"])}}", columns: "note")
    let report = try #require(try RunConfiguration(recipeOrFile: recipe).preparationReport())
    #expect(report.contains("1 passed over without a value of 'note'"), "\(report)")
    #expect(report.contains("column 'note': 300 tokens, ") || report.contains("column 'note': 2"), "\(report)")
    let (_, receipt) = try trainOnAnyRanks(recipe, in: folder)
    #expect(receipt.links.map(\.name).prefix(5) == ["raw", "schema", "split", "transform", "prepared"])
    let model = try Model(folder["1"])
    #expect(try model.evaluate(model.testData()).headline.value > 0.95)
    #expect(model.configuration.data.columns(of: try model.testData()).map(\.features) == [0..<12])
    // A row a text, one too long, one empty, one with letters that nobody has seen.
    let long = String(repeating: "the sky ", count: 100)
    try folder.write("new.csv", "note\nthe rose of day 5\n\(long)\n\"\"\n猫 the frog\n")
    #expect(try model.writePredictions(of: folder["new.csv"], to: folder["out.csv"]) == 4)
    let out = try lines(folder.text("out.csv"))
    #expect(out[0] == "prediction,probability of blue,probability of green,probability of red,problem")
    #expect(out[1].hasPrefix("red,") && out[2].hasPrefix("blue,") && !out[4].hasPrefix(","), "\(out)")
    #expect(out[3] == ",,,,\"column 'note': expected a value, found none\"", "\(out)")
    #expect(
      try model.exportONNX(to: folder["m.onnx"]).contains("m.model: the vocabulary of column 'note', for SentencePiece")
    )
    #expect(folder.exists("m.onnx") && folder.exists("m.model"))
  }

  /// A folder in the folder is a class.
  @Test func foldersOfTexts() throws {
    for (number, (text, colour)) in texts(120).enumerated() {
      try FileManager.default.createDirectory(atPath: folder["mails/\(colour)"], withIntermediateDirectories: true)
      try folder.write("mails/\(colour)/\(number).txt", text)
    }
    try folder.write("mails/red/empty.txt", "")
    try Data([0x61, 0xFF]).write(to: URL(fileURLWithPath: folder["mails/red/latin.txt"]))
    let recipe = try table("{text-files: {files: \(folder["mails"])}}")
    let report = try #require(try RunConfiguration(recipeOrFile: recipe).preparationReport())
    #expect(report.contains("122 rows of 122 files\n1 set aside"), "\(report)")
    #expect(report.contains("latin.txt, row 1: column 'text': expected UTF-8 text, found other bytes"), "\(report)")
    #expect(report.contains("1 passed over without a value of 'text'"), "\(report)")
    try train(recipe, in: folder["run"])
    let model = try Model(folder["run"])
    #expect(model.record.classes == ["blue", "green", "red"])
    #expect(try model.evaluate(model.testData()).headline.value > 0.9)
    try FileManager.default.createDirectory(atPath: folder["new"], withIntermediateDirectories: true)
    // A text of those that were seen, but for its day.
    try folder.write("new/1.txt", texts(120).first { $0.colour == "green" }!.text + " again")
    try model.writePredictions(of: folder["new"], to: folder["out.csv"])
    #expect(try lines(folder.text("out.csv"))[1].hasPrefix("green,"))
    // And so is one of them alone, which is no table.
    try model.writePredictions(of: folder["new/1.txt"], to: folder["one.csv"])
    #expect(try folder.text("one.csv") == folder.text("out.csv"))
  }

  /// The same texts in archives: what is made of them is the same.
  @Test func archivesOfTexts() throws {
    var members: [(String, [UInt8])] = []
    for (number, (text, colour)) in texts(120).enumerated() {
      try FileManager.default.createDirectory(atPath: folder["mails/\(colour)"], withIntermediateDirectories: true)
      let key = "\(colour)/\(number)"
      try folder.write("mails/\(key).txt", text)
      members += [("\(key).txt", Array(text.utf8)), ("\(key).cls", Array("\(colour)\n".utf8))]
    }
    // In the order of the folder's paths.
    members.sort { $0.0 < $1.0 }
    func write(_ name: String, _ members: [(String, [UInt8])]) throws {
      try Data(tarArchive(members)).write(to: URL(fileURLWithPath: folder[name]))
    }
    try write("mails.tar", members)
    try write("odd.tar", members + [("odd.txt", [0x61, 0xFF])])
    let digest = try train(table("{text-files: {files: \(folder["mails"])}}"), in: folder["folders"])
    let recipe = try table("{tar: {files: \(folder["mails.tar"])}}", columns: "txt", target: "cls")
    #expect(try train(recipe, in: folder["archive"]) == digest)
    #expect(try Model(folder["archive"]).writePredictions(of: folder["mails.tar"], to: folder["out.csv"]) == 120)
    let odd = try table("{tar: {files: \(folder["odd.tar"])}}", columns: "txt", target: "cls")
    let report = try #require(try RunConfiguration(recipeOrFile: odd).preparationReport())
    #expect(report.contains("odd.tar, row 121: column 'txt': expected UTF-8 text, found other bytes"), "\(report)")
  }

  /// Another file under the same name is another vocabulary.
  @Test func aGivenModelDecides() throws {
    func write(_ words: [String]) throws {
      let lines = words.map { word in Array("\(word) \(word) the sky of day".utf8) }
      let model = try SentencePieceModel(learning: 290, by: .bpe, coverage: 1, from: lines, at: nil)
      try Data(model.bytes).write(to: URL(fileURLWithPath: folder["own.model"]))
    }
    var csv = "note,colour\n"
    for (text, colour) in texts(90) { csv += "\"\(text)\",\(colour)\n" }
    try folder.write("texts.csv", csv)
    let recipe = try table("{csv: {files: \(folder["texts.csv"])}}", columns: "note")
    let own = "data.table.columns.0.tokens.vocabulary={sentencepiece: \(folder["own.model"])}"
    try write(["apple", "rose"])
    try train(recipe, [own], in: folder["1"])
    try write(["grass", "frogs"])
    try train(recipe, [own], in: folder["2"])
    let (first, second) = (try Receipt(ofRun: folder["1"]), try Receipt(ofRun: folder["2"]))
    let differ = zip(first.links, second.links).filter { $0.output != $1.output }.map { $0.0.name }
    #expect(differ.prefix(2) == ["transform", "prepared"], "\(differ)")
  }
}
