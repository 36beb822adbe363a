import Diagnostics
import Files

/// Which pieces of words are the tokens of a text.
public enum SubwordSettings: Sendable, Equatable {
  /// `size` of them at most, learned from training texts, of which `sample` bytes at most are looked at.
  case learned(SentencePieceModel.Method, size: Int, coverage: Double, sample: Int)
  /// Those of a model that SentencePiece wrote.
  case file(String)

  /// What decides a vocabulary besides the text, for names and digests. Throws a missing input (66) where a file is not there.
  package var identity: String {
    get throws {
      switch self {
      case .learned(let method, let size, let coverage, let sample):
        "\(method.rawValue) \(size) coverage \(coverage) sample \(sample)"
      case .file(let path): "file \(try RegularFile(path, cure: "name a model of SentencePiece").digest())"
      }
    }
  }

  /// Learns, or reads, the vocabulary.
  ///
  /// - Parameters:
  ///   - total: bytes of the training text.
  ///   - place: names it.
  ///   - forEach: gives all of it, in its order, in pieces that end with a line.
  package func model(
    of total: Int, at place: String?, forEach: ((UnsafeBufferPointer<UInt8>) -> Void) -> Void
  ) throws -> SentencePieceModel {
    switch self {
    case .file(let path):
      let bytes = try ByteReader(path).contents(limit: 1 << 28, memory: 4, fewer: "pieces")
      return try SentencePieceModel(bytes, at: path)
    case .learned(let method, let size, let coverage, let limit):
      var sample = LineSample(ofTotal: total, limit: limit)
      forEach { sample.add($0) }
      return try SentencePieceModel(
        learning: size, by: method, coverage: coverage, from: sample.lines, at: place)
    }
  }
}
