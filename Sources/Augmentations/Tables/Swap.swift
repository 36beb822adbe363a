import Configuration
import Datasets
import Tensors

/// Values of columns taken from other training rows.
///
/// Swap noise, as denoising autoencoders of tables are trained with (Jahrer, Porto Seguro 2017): what is put there is drawn from
/// the column's own distribution, whatever that is. A column's features go together.
public struct Swap: Augmentation {
  public static let kind = "swap"
  public static let summary = "gives some columns of a row the values that another training row has"

  private let probability: Double
  private let columns: [String]
  private var features: [Range<Int>] = []
  private var training: Dataset?

  public init(_ settings: ConfigReader) throws {
    probability = try settings.probability(default: 0.15)
    columns = try settings.strings("columns", default: [])
  }

  public func bound(to training: TrainingSamples) throws -> any Augmentation {
    guard training.form.content == .row else { throw training.misfit("rows of a table") }
    if case .decoded = training.dataset.features { throw training.misfit("rows in memory") }
    var bound = self
    bound.training = training.dataset
    bound.features = try training.features(of: columns)
    return bound
  }

  public func augment(_ sample: FloatView, _ form: SampleForm, _ draws: inout Draws, scratch: FloatView) {
    guard let training else { return }
    var count = 0
    for column in features where draws.happens(probability) {
      let other = draws.whole(in: 0...training.count - 1)
      for feature in column { sample[feature] = training.rawFeature(feature, of: other) }
      count += 1
    }
    draws.note("columns swapped", Double(count))
  }
}
