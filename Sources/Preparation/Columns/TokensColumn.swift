import Configuration
import Datasets
import Diagnostics
import Foundation
import Tensors

/// A column of texts as `length` tokens each: the first ones of a longer text, and padding behind a shorter one.
///
/// Tokens are pieces of words, of a vocabulary that is learned from the training rows alone, or of a file. A network reads them by an
/// embedding, which takes their number and that of padding from here where it does not say them.
package struct TokensColumn: ColumnKind {
  package static let kind = "tokens"
  package static let summary = "texts, as tokens in their order: pieces of words, so many of each text"

  private enum Missing: String, CaseIterable {
    case dropRow = "drop-row"
    case padding
  }

  /// Texts whose lengths are looked at, to be told: the first ones.
  private static let sample = 10_000

  /// T
  package let length: Int
  package let vocabulary: SubwordSettings
  private let dropsMissing: Bool

  package init(_ settings: ConfigReader) throws {
    length = try settings.int("length", default: 128, in: 1...4096)
    vocabulary = try settings.choice("vocabulary", SubwordSettings.cases, default: "bpe")
    dropsMissing = try settings.option("missing", of: Missing.self, default: .dropRow) == .dropRow
  }

  package var storage: ColumnStorage { .texts }
  package var requiresValue: Bool { dropsMissing }

  package var besides: String? {
    get throws { if case .file = vocabulary { try vocabulary.identity } else { nil } }
  }

  package func fitted(on column: TrainingColumn) throws -> FittedColumn {
    var total = 0
    column.forEachText { total += $0.utf8.count + 1 }
    let model = try vocabulary.model(of: total, at: "column '\(column.name)'") { body in
      column.forEachText { text in
        var text = text
        text.withUTF8 { body($0) }
      }
    }
    var (texts, cut, tokens) = (0, 0, 0)
    try column.forEachText { text in
      guard texts < Self.sample else { return }
      let count = try model.tokens(of: text).count
      (texts, cut, tokens) = (texts + 1, cut + (count > length ? 1 : 0), tokens + count)
    }
    let (rows, all) = (Double(max(1, texts)), Double(tokens))
    return FittedColumn(
      numbers: ["length": [Double(length)], "cut": [Double(cut) / rows], "mean-length": [all / rows]],
      words: ["sentencepiece": [Data(model.bytes).base64EncodedString()]])
  }

  package func note(_ fitted: FittedColumn) -> String? {
    guard let mean = try? fitted.number("mean-length"), let cut = try? fitted.number("cut"),
      let model = try? Self.model(fitted)
    else { return nil }
    return
      "\(grouped(model.count)) tokens, \(fixed(mean, 1)) a text on average; \(fixed(100 * cut, 1)) % of training texts are longer than \(length) and cut"
  }

  /// What SentencePiece reads, of what a column was fitted to. Throws bad data where that is none of this kind.
  package static func model(_ fitted: FittedColumn) throws -> SentencePieceModel {
    guard let text = fitted.words["sentencepiece"]?.first, let bytes = Data(base64Encoded: text) else {
      throw Failure(.badData, "expected a vocabulary in what was fitted, found none", cure: "use another checkpoint")
    }
    return try SentencePieceModel(Array(bytes))
  }

  package func encoder(_ fitted: FittedColumn) throws -> any ColumnEncoder {
    guard try fitted.number("length") == Double(length) else {
      throw Failure(
        .badData, "expected texts of \(length) tokens in what was fitted, found others", cure: "use another checkpoint")
    }
    return Encoder(model: try Self.model(fitted), length: length)
  }

  private struct Encoder: ColumnEncoder {
    let model: SentencePieceModel
    let length: Int

    var suffixes: [String] { (0..<length).map { "[\($0)]" } }
    var tokens: TokenAlphabet? { TokenAlphabet(count: model.count, padding: Int(model.padding), names: model.names) }

    func encode(_ values: ColumnValues, into features: UnsafeMutablePointer<Float>, stride: Int) {
      for (row, text) in values.texts.enumerated() {
        let own = features + row * stride
        own.update(repeating: Float(model.padding), count: length)
        // SentencePiece fails for no text that is UTF-8, which texts are here.
        guard let text, let tokens = try? model.tokens(of: text) else { continue }
        for (place, token) in tokens.prefix(length).enumerated() { own[place] = Float(token) }
      }
    }
  }
}
