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

  public init(unit: Vocabulary.Unit, length: Int, stride: Int? = nil, vocabulary: Int? = nil, testShare: Double = 0) {
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
  /// found, the vocabulary is that of the whole file, the test share included.
  ///
  /// Throws missing input (66) for a file that is not there, bad data (65) for one that is no UTF-8, is damaged, is
  /// shorter than a window, or has more characters than the vocabulary or others than `names`.
  public static func text(
    _ path: String, _ settings: TextSettings, part: TextPart, names: [String]? = nil
  ) throws(Failure) -> Dataset {
    // A byte becomes a character and two tokens, for a moment.
    let bytes = try ByteReader(path).contents(memory: 10, fewer: "\(settings.unit.rawValue)")
    if settings.unit == .characters, let format = ForeignFormat(bytes), !format.isText {
      throw format.failure(at: path, insteadOf: "UTF-8 text")
    }
    let text = settings.unit == .bytes ? "" : try utf8(bytes, path)
    let vocabulary =
      if let names {
        Vocabulary(unit: settings.unit, names: names)
      } else {
        try Vocabulary(of: text, unit: settings.unit, size: settings.vocabulary, at: path)
      }
    let tokens = settings.unit == .bytes ? bytes.map { Int32($0) } : try vocabulary.tokens(of: text, at: path)
    let split = tokens.count - Int((Double(tokens.count) * settings.testShare).rounded())
    let (range, purpose) =
      switch part {
      case .all: (0..<tokens.count, "")
      case .train: (0..<split, " for training")
      case .test: (split..<tokens.count, " for testing")
      }
    guard range.count > settings.length else {
      throw Failure(
        .badData, at: path,
        "expected more than \(settings.length) \(settings.unit.rawValue)\(purpose), found \(range.count)",
        cure: "take a longer text, or shorter samples")
    }
    let windows = TokenWindows(tokens: Array(tokens[range]), length: settings.length, stride: settings.stride)
    return Dataset(
      source: path, shape: [settings.length], features: .windows(windows),
      targets: .following(names: vocabulary.names))
  }

  private static func utf8(_ bytes: [UInt8], _ path: String) throws(Failure) -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Failure(
        .badData, at: path, "expected UTF-8 text, found other bytes", cure: "convert it, or read it as bytes")
    }
    return text
  }
}
