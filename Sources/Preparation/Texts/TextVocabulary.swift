import Datasets
import Diagnostics
import Foundation

/// The vocabulary of a text's pieces of words as a checkpoint keeps it, in `preparation.json`: the bytes of SentencePiece's model.
package struct TextVocabulary: Sendable, Equatable, Codable {
  /// Of this form; another one is refused.
  private var format = 1
  /// SentencePiece's file, in Base64.
  private let sentencepiece: String
  /// Tokens, unused ones included; nil: as many as there are pieces.
  private let size: Int?

  package init(_ model: SentencePieceModel, size: Int?) {
    (sentencepiece, self.size) = (Data(model.bytes).base64EncodedString(), size)
  }

  /// Reads `text`; throws bad data (65) where it is none.
  package init(json: String) throws {
    let found = try? JSONDecoder().decode(TextVocabulary.self, from: Data(json.utf8))
    guard let found, found.format == 1 else {
      throw Failure(
        .badData, "expected a vocabulary of pieces of words, found other JSON", cure: "use another checkpoint")
    }
    self = found
  }

  /// With sorted keys: the same vocabulary is the same text.
  package var json: String {
    get throws { try sortedJSON(self) }
  }

  /// SentencePiece's file.
  package var modelBytes: [UInt8] { Data(base64Encoded: sentencepiece).map(Array.init) ?? [] }

  /// Throws bad data (65) where the model is none.
  package var vocabulary: Vocabulary {
    get throws { Vocabulary(try SentencePieceModel(modelBytes), size: size) }
  }
}
