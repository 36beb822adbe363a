import Configuration
import Tensors

/// One operation, drawn of a table, of a strength that is drawn.
///
/// Müller, Hutter: *TrivialAugment: tuning-free yet state-of-the-art data augmentation* (ICCV 2021), with torchvision's wide
/// table, between pixels bilinearly.
public struct TrivialAugment: Augmentation {
  public static let kind = "trivial-augment"
  public static let summary = "one operation on a picture, drawn of torchvision's wide table, of a drawn strength"

  private let bins: Int
  private let fill: Float

  public init(_ settings: ConfigReader) throws {
    bins = try settings.int("bins", default: 31, in: 2...1001)
    fill = try settings.fill()
  }

  public func bound(to training: TrainingSamples) throws -> any Augmentation {
    try training.requirePictures()
    return self
  }

  public func scratchCount(_ form: SampleForm) -> Int { form.shape.count }

  public func augment(_ sample: FloatView, _ form: SampleForm, _ draws: inout Draws, scratch: FloatView) {
    let operation = draws.operation()
    let bin = draws.whole(in: 0...bins - 1)
    let strength = draws.signed(operation.strength(bin, of: bins, .trivialWide, form), operation)
    draws.note(operation.name, strength)
    operation.apply(strength, to: sample, form, fill: fill * form.white, scratch: scratch)
  }
}
