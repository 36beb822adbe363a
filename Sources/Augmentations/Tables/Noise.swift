import CKernels
import Configuration
import Datasets
import Tensors

/// Normal noise added, in deviations of what it is added to.
public struct Noise: Augmentation {
  public static let kind = "noise"
  public static let summary =
    "adds normal noise to columns, spectrograms or pictures, in deviations of the training data"

  /// Of a column or frequency in the training samples; of a picture, of white.
  private let deviation: Double
  private let columns: [String]
  private let probability: Double
  /// By feature or frequency; empty: all alike.
  private var scales: [Float] = []

  public init(_ settings: ConfigReader) throws {
    deviation = try settings.double("deviation", default: 0.1, in: .above(0, through: 100))
    columns = try settings.strings("columns", default: [])
    probability = try settings.probability(default: 1)
  }

  /// What is no number keeps what it is: places of words, and features that are 0 or 1, as those of a class or of a missing value. A column
  /// that has nothing else cannot be named.
  public func bound(to training: TrainingSamples) throws -> any Augmentation {
    let (form, dataset) = (training.form, training.dataset)
    guard columns.isEmpty || form.content == .row else {
      throw training.misfit("rows of a table, as columns are named")
    }
    var bound = self
    switch form.content {
    case .tokens: throw training.misfit("rows of a table, spectrograms or pictures")
    case .picture: try training.requirePictures()
    case .sequence: bound.scales = Standardisation(from: dataset, per: .channel).deviations
    case .row:
      let words = Set(dataset.ends.embeddings.map(\.feature))
      func isNumber(_ feature: Int) -> Bool {
        !words.contains(feature)
          && (0..<dataset.count).contains { row in
            let value = dataset.rawFeature(feature, of: row)
            return value != 0 && value != 1
          }
      }
      let deviations = Standardisation(from: dataset, per: .feature).deviations
      bound.scales = [Float](repeating: 0, count: deviations.count)
      for (place, column) in try training.features(of: columns).enumerated() {
        let numbers = column.filter(isNumber)
        guard columns.isEmpty || !numbers.isEmpty else {
          let what = words.contains(column.lowerBound) ? "places of words" : "0 or 1"
          throw AugmentationMisfit(
            expected: "columns of numbers", found: "'\(columns[place])', whose features are \(what)",
            cure: "leave it out, or swap it")
        }
        for feature in numbers { bound.scales[feature] = deviations[feature] }
      }
    }
    return bound
  }

  public func scratchCount(_ form: SampleForm) -> Int { form.shape.count }

  public func augment(_ sample: FloatView, _ form: SampleForm, _ draws: inout Draws, scratch: FloatView) {
    guard draws.happens(probability) else { return }
    draws.note("deviation", deviation)
    let noise = scratch[0..<sample.count]
    draws.fillNormal(noise)
    guard !scales.isEmpty else {
      ck_add_scaled(sample.base, noise.base, sample.count, Float(deviation) * form.white)
      return ck_clamp(sample.base, sample.count, form.white)
    }
    let amount = Float(deviation)
    scales.withUnsafeBufferPointer { scales in
      for start in stride(from: 0, to: sample.count, by: scales.count) {
        for place in 0..<scales.count {
          sample.base[start + place] += amount * scales[place] * noise.base[start + place]
        }
      }
    }
  }
}
