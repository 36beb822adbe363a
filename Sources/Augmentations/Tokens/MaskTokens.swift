import Configuration
import Datasets
import Tensors

/// Some tokens of a text replaced, by one of the vocabulary or by any; padding stays.
///
/// What follows a token stays the target of its position: a model of texts learns to write without some of what it has read.
public struct MaskTokens: Augmentation {
  public static let kind = "mask-tokens"
  public static let summary = "replaces some tokens of a text by a token, or by tokens that are drawn"

  private let probability: Double
  /// Nil: any of the vocabulary but the padding, evenly.
  private let token: String?
  private var place: Float?
  private var vocabulary = 1
  private var padding: Float?

  public init(_ settings: ConfigReader) throws {
    probability = try settings.probability(default: 0.1)
    token = try settings.optionalString("token")
  }

  public func bound(to training: TrainingSamples) throws -> any Augmentation {
    let vocabulary = try training.requireTokens()
    var bound = self
    (bound.vocabulary, bound.padding) = (vocabulary.count, vocabulary.padding.map { Float($0) })
    guard let token else { return bound }
    let dataset = training.dataset
    let names = dataset.isText ? dataset.classNames : dataset.ends.tokens?.names
    guard let place = names?.firstIndex(of: token) ?? Int(token), (0..<vocabulary.count).contains(place) else {
      throw AugmentationMisfit(
        expected: "a token of the vocabulary, or its place in it", found: "'\(token)'",
        cure: "leave token out for tokens that are drawn")
    }
    bound.place = Float(place)
    return bound
  }

  public func augment(_ sample: FloatView, _ form: SampleForm, _ draws: inout Draws, scratch: FloatView) {
    var count = 0
    for position in 0..<sample.count where sample[position] != padding && draws.happens(probability) {
      sample[position] = place ?? drawn(&draws)
      count += 1
    }
    draws.note("tokens masked", Double(count))
  }

  /// Padding would shorten the text.
  private func drawn(_ draws: inout Draws) -> Float {
    guard let padding, vocabulary > 1 else { return Float(draws.whole(in: 0...vocabulary - 1)) }
    let token = Float(draws.whole(in: 0...vocabulary - 2))
    return token < padding ? token : token + 1
  }
}

extension TrainingSamples {
  /// The vocabulary; throws where samples are no texts.
  func requireTokens() throws -> (count: Int, padding: Int?) {
    guard let vocabulary else { throw misfit("texts") }
    return vocabulary
  }
}
