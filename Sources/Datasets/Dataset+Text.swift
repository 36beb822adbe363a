import Diagnostics
import Files
import Tensors

/// How a text becomes samples.
public struct TextSettings: Sendable {
  public let unit: Vocabulary.Unit
  /// T, tokens a sample.
  public let length: Int
  /// Tokens from one sample's start to the next.
  public let stride: Int
  /// Names of the vocabulary, unused ones included; nil: as many as there are characters.
  public let vocabulary: Int?
  /// The share of the tokens, at the end of the file, that are test data.
  public let testShare: Double
  /// Where pieces of words are the tokens, which.
  public let subwords: SubwordSettings?

  public init(
    unit: Vocabulary.Unit, length: Int, stride: Int? = nil, vocabulary: Int? = nil, testShare: Double = 0,
    subwords: SubwordSettings? = nil
  ) {
    precondition((unit == .subwords) == (subwords != nil), "pieces of words are told by settings of their own")
    self.subwords = subwords
    self.unit = unit
    self.length = length
    self.stride = stride ?? length
    self.vocabulary = vocabulary
    self.testShare = testShare
  }
}

extension Dataset {
  /// The part of a text that is read.
  public enum TextPart: Sendable {
    case all
    /// All but the test share.
    case train
    /// The test share.
    case test
  }

  /// A text as windows of tokens, in each of which every token is to be predicted from those before it.
  ///
  /// The file is UTF-8, unless its bytes are the tokens, and may be packed. Without `names`, those that the training
  /// found, the vocabulary is that of the whole file, the test share included. Pieces of words are read elsewhere, as their
  /// vocabulary is learned first.
  ///
  /// Throws missing input (66) for a file that is not there, bad data (65) for one that is no UTF-8, is damaged, is
  /// shorter than a window, or has more characters than the vocabulary or others than `names`.
  public static func text(
    _ path: String, _ settings: TextSettings, part: TextPart, names: [String]? = nil
  ) throws(Failure) -> Dataset {
    let bytes = try textBytes(path, settings.unit)
    let text = settings.unit == .bytes ? "" : try utf8(bytes, path)
    let vocabulary =
      if let names {
        Vocabulary(unit: settings.unit, names: names)
      } else {
        try Vocabulary(of: text, unit: settings.unit, size: settings.vocabulary, at: path)
      }
    let tokens = settings.unit == .bytes ? bytes.map { Int32($0) } : try vocabulary.tokens(of: text, at: path)
    let split = tokens.count - Int((Double(tokens.count) * settings.testShare).rounded())
    let range =
      switch part {
      case .all: 0..<tokens.count
      case .train: 0..<split
      case .test: split..<tokens.count
      }
    return try windows(on: Array(tokens[range]), of: vocabulary, settings, part: part, at: path)
  }

  /// Tokens as windows; throws bad data where there is not one. `path` names the text.
  package static func windows(
    on tokens: [Int32], of vocabulary: Vocabulary, _ settings: TextSettings, part: TextPart, at path: String,
    preparation: String? = nil, ends: NetworkEnds = NetworkEnds()
  ) throws(Failure) -> Dataset {
    guard tokens.count > settings.length else {
      let purpose =
        switch part {
        case .all: ""
        case .train: " for training"
        case .test: " for testing"
        }
      throw Failure(
        .badData, at: path,
        "expected more than \(settings.length) \(settings.unit.rawValue)\(purpose), found \(tokens.count)",
        cure: "take a longer text, or shorter samples")
    }
    var windows = TokenWindows(tokens: tokens, length: settings.length, stride: settings.stride)
    windows.bytesPerToken = windows.bytesPerTarget(of: vocabulary)
    windows.areSubwords = vocabulary.unit == .subwords
    return Dataset(
      source: path, shape: [settings.length], features: .windows(windows),
      targets: .following(names: vocabulary.names), preparation: preparation, ends: ends)
  }

  /// What is in a file of text, unpacked.
  package static func textBytes(_ path: String, _ unit: Vocabulary.Unit) throws(Failure) -> [UInt8] {
    // A byte becomes a character and two tokens, for a moment.
    let bytes = try ByteReader(path).contents(memory: 10, fewer: "\(unit.rawValue)")
    if unit != .bytes, let format = ForeignFormat(bytes), !format.isText {
      throw format.failure(at: path, insteadOf: "UTF-8 text")
    }
    return bytes
  }

  private static func utf8(_ bytes: [UInt8], _ path: String) throws(Failure) -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else { throw notUTF8(path) }
    return text
  }

  /// Of a text that is no UTF-8.
  package static func notUTF8(_ path: String) -> Failure {
    Failure(.badData, at: path, "expected UTF-8 text, found other bytes", cure: "convert it, or read it as bytes")
  }
}
