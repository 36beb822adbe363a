import Configuration
import Datasets
import Diagnostics
import Host
import Preparation
import Synchronization
import Tensors

/// One text, cut into windows of tokens; its end is the test data.
///
/// Pieces of words are learned and encoded once, in a folder of prepared data, as the columns of a table are.
public struct TextSource: Source {
  public static let kind = "text"
  public static let summary = "windows of a text's characters, bytes or pieces of words, each to predict the next one"
  public static let pathSettings = ["file", "vocabulary.sentencepiece.file"]

  package let file: String
  package let settings: TextSettings
  /// Where prepared texts are kept.
  private let directory: String
  private let cache = Cache()

  /// What was prepared last.
  private final class Cache: Sendable {
    let prepared = Mutex<PreparedText?>(nil)
  }

  /// A file of text, and how it becomes tokens; where these are pieces of words, they are kept in a folder in `directory`.
  public init(file: String, _ settings: TextSettings, keepUnder directory: String = "prepared") {
    (self.file, self.settings, self.directory) = (file, settings, directory)
  }

  public init(_ settings: ConfigReader) throws {
    let length = try settings.int("length", default: 64, in: 1...(1 << 20))
    let file = try settings.filePath("file")
    let unit = try settings.unit()
    let stride = try settings.optionalInt("stride", in: 1...(1 << 20))
    let (size, subwords) = try settings.vocabulary(of: unit)
    let text = TextSettings(
      unit: unit, length: length, stride: stride, vocabulary: size,
      testShare: try settings.double("test-share", default: 0.1, in: 0..<1), subwords: subwords)
    func directory() throws -> String { try settings.optionalFilePath("keep-under") ?? "prepared" }
    try settings.noteOthers(", with unit: subwords") { _ = try directory() }
    self.init(file: file, text, keepUnder: subwords == nil ? "prepared" : try directory())
  }

  public var tokenUnit: Vocabulary.Unit? { settings.unit }

  private var preparer: TextPreparer? {
    settings.subwords.map { TextPreparer(file, settings, $0, keepUnder: directory) }
  }

  public var preparationFolder: String? { preparer.map { _ in directory } }

  /// The prepared text: made, or found; nil where there is nothing to prepare.
  private func prepared() throws -> PreparedText? {
    guard let preparer else { return nil }
    return try cache.prepared.withLock { known in
      if let known { return known }
      let text = try preparer.prepared()
      known = text
      return text
    }
  }

  public func preparedName(seed: UInt64) throws -> String? {
    try prepared()?.directory.split(separator: "/").last.map(String.init)
  }

  public func take(prepared name: String, seed: UInt64) throws {
    guard let text = try preparer?.prepared(as: name) else { return }
    cache.prepared.withLock { $0 = text }
  }

  public func prepare(seed: UInt64) throws -> String? {
    guard let text = try prepared() else { return nil }
    let (summary, count) = (text.summary, text.summary.train + text.summary.test)
    let origin =
      if case .file(let path) = settings.subwords { "of \(path)" } else { "learned from the training part alone" }
    return """
      \(grouped(summary.bytes)) bytes of text, \(grouped(count)) pieces of words, of \(fixed(Double(summary.bytes) / Double(max(1, count)), 2)) bytes each
      vocabulary: \(grouped(text.vocabulary.names.count)), \(origin)
      tokens: train \(grouped(summary.train)), test \(grouped(summary.test))
      prepared in \(text.directory), digest \(summary.prepared)

      """
  }

  public func links(seed: UInt64) throws -> [SourceLink] {
    guard let summary = try prepared()?.summary else { return [] }
    return [
      SourceLink("raw", output: summary.raw, inputs: [summary.source]),
      SourceLink("transform", output: summary.vocabulary), SourceLink("prepared", output: summary.prepared),
    ]
  }

  public func ends(of preparation: String) throws -> NetworkEnds {
    NetworkEnds(tokens: TokenAlphabet(count: try TextVocabulary(json: preparation).vocabulary.names.count))
  }

  /// The vocabulary of a trained model; throws bad data where a checkpoint has none.
  func vocabulary(names: [String]?, preparation: String?) throws -> Vocabulary? {
    guard settings.subwords != nil else { return names.map { Vocabulary(unit: settings.unit, names: $0) } }
    guard let preparation else {
      throw Failure(.badData, "expected a vocabulary of pieces of words, found none", cure: "use another checkpoint")
    }
    return try TextVocabulary(json: preparation).vocabulary
  }

  public func read(_ part: Dataset.Part, seed: UInt64, like schema: Schema?) throws -> Dataset? {
    if part == .test, settings.testShare == 0 { return nil }
    let textPart: Dataset.TextPart = part == .train ? .train : .test
    guard let text = try prepared() else {
      return try Dataset.text(file, settings, part: textPart, names: schema?.classes)
    }
    if let kept = schema?.preparation, kept != text.vocabularyText {
      throw Failure(
        .badData, at: text.directory, "expected the text that the model was trained on, found another one",
        cure: "name it, or measure the model on a file: --data FILE")
    }
    let tokens = try text.tokens()
    return try Dataset.windows(
      on: part == .train ? tokens.train : tokens.test, of: text.vocabulary, settings, part: textPart, at: file,
      preparation: text.vocabularyText, ends: ends(of: text.vocabularyText))
  }

  public func read(labelled file: String, targets: String?, like schema: Schema) throws -> Dataset {
    try requireNone(targets)
    guard settings.subwords != nil, let vocabulary = try vocabulary(names: nil, preparation: schema.preparation) else {
      return try Dataset.text(file, settings, part: .all, names: schema.classes)
    }
    let bytes = try Dataset.textBytes(file, .subwords)
    guard String(validating: bytes, as: UTF8.self) != nil else { throw Dataset.notUTF8(file) }
    let team = CoreTeam(cores: ProcessorCores.allowed(to: 0) ?? [0])
    return try Dataset.windows(
      on: vocabulary.tokens(of: bytes[...], at: file, by: team), of: vocabulary, settings, part: .all, at: file,
      preparation: schema.preparation, ends: schema.ends)
  }

  public func batches(of file: String, rows: Int, like schema: Schema) throws -> any SampleBatches {
    throw Failure(
      .usage, at: file, "a model of text has no rows to predict", cure: "let it write: lockstep generate")
  }
}

extension ConfigReader {
  private static let vocabularies = 1...(1 << 21)

  /// What is one token: pieces of words, where `vocabulary` names a kind of these.
  fileprivate func unit() throws -> Vocabulary.Unit {
    // Not read yet: the order in which keys are read is that in which they are written down.
    let isKind = word(at: "vocabulary").map { Int($0) == nil } ?? false
    return try option("unit", default: isKind ? .subwords : .characters)
  }

  /// How many tokens there are, and which pieces of words they are.
  fileprivate func vocabulary(of unit: Vocabulary.Unit) throws -> (size: Int?, SubwordSettings?) {
    func size() throws -> Int? { try optionalInt("vocabulary", in: Self.vocabularies) }
    if isDescribing {
      let kinds = SubwordSettings.cases.map { _ in Int?.none }
      return (try choice("vocabulary", kinds, of: "vocabulary", orList: size), nil)
    }
    guard unit == .subwords else { return (try size(), nil) }
    let subwords = try choice("vocabulary", SubwordSettings.cases, default: "bpe")
    // Layers that are written one by one are told how many there are to be.
    guard case .learned(_, let size, _, _) = subwords else { return (nil, subwords) }
    return (size, subwords)
  }
}
