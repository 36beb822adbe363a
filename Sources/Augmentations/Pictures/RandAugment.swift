import Configuration
import Tensors

/// Several operations, drawn of a table, all of one strength.
///
/// Cubuk et al.: *RandAugment: practical automated data augmentation with a reduced search space* (NeurIPS 2020), with
/// torchvision's table, between pixels bilinearly.
public struct RandAugment: Augmentation {
  public static let kind = "rand-augment"
  public static let summary = "so many operations on a picture, drawn of torchvision's table, all of one strength"

  private let operations: Int
  private let magnitude: Int
  private let bins: Int
  private let fill: Float

  public init(_ settings: ConfigReader) throws {
    operations = try settings.int("operations", default: 2, in: 1...14)
    magnitude = try settings.int("magnitude", default: 9, in: 0...1000)
    bins = try settings.int("bins", default: 31, in: 2...1001)
    fill = try settings.fill()
    guard magnitude < bins else {
      throw settings.failure(
        at: "magnitude", "expected one of \(bins) strengths, from 0 to \(bins - 1), found \(magnitude)",
        cure: "lower it, or set bins")
    }
  }

  public func bound(to training: TrainingSamples) throws -> any Augmentation {
    try training.requirePictures()
    return self
  }

  public func scratchCount(_ form: SampleForm) -> Int { form.shape.count }

  public func augment(_ sample: FloatView, _ form: SampleForm, _ draws: inout Draws, scratch: FloatView) {
    for _ in 0..<operations {
      let operation = draws.operation()
      let strength = draws.signed(operation.strength(magnitude, of: bins, .rand, form), operation)
      draws.note(operation.name, strength)
      operation.apply(strength, to: sample, form, fill: fill * form.white, scratch: scratch)
    }
  }
}
