import Configuration
import Datasets

extension SubwordSettings {
  private static let sizes = 8...(1 << 21)
  private static let samples = 1...4096

  /// The kinds of a vocabulary of pieces of words, as settings name them.
  package static var cases: ConfigCases<SubwordSettings> {
    ConfigCases([
      (
        "bpe", "learned pieces of words: the most frequent pairs become one, again and again",
        { try learned(.bpe, $0) }
      ),
      (
        "unigram", "learned pieces of words: those without which texts would be the least probable",
        { try learned(.unigram, $0) }
      ),
      ("sentencepiece", "the pieces of a model that SentencePiece wrote", { .file(try $0.filePath("file")) }),
    ])
  }

  private static func learned(_ method: SentencePieceModel.Method, _ settings: ConfigReader) throws -> SubwordSettings {
    let size = try settings.int("size", default: 8192, in: sizes)
    let coverage = try settings.double("coverage", default: 0.9995, in: .above(0.5, through: 1))
    let sample = try settings.int("sample", default: 8, in: samples)
    settings.note("sample", ": MiB of training text that it is learned from, at most")
    return .learned(method, size: size, coverage: coverage, sample: sample << 20)
  }
}
