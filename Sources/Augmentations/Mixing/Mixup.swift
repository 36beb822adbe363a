import CKernels
import Configuration
import Tensors

/// A sample mixed with another one, number by number.
///
/// Zhang et al.: *mixup: beyond empirical risk minimization* (ICLR 2018). The share of the sample is drawn for each sample.
public struct Mixup: MixingAugmentation {
  public static let kind = "mixup"
  public static let summary = "mixes a sample, and its target, with the one before it in the micro-batch"

  /// Both parameters of the Beta distribution that shares are drawn from.
  private let alpha: Double
  private let probability: Double

  public init(_ settings: ConfigReader) throws {
    alpha = try settings.double("alpha", default: 0.2, in: 0.01...100)
    probability = try settings.probability(default: 1)
  }

  public func bound(to training: TrainingSamples) throws -> any Augmentation {
    guard training.form.content != .tokens, training.dataset.ends.embeddings.isEmpty else {
      throw AugmentationMisfit(
        expected: "samples of numbers, which can be mixed", found: "places in a vocabulary")
    }
    return self
  }

  public func mix(_ sample: FloatView, with partner: FloatView, _ form: SampleForm, _ draws: inout Draws) -> Float {
    guard draws.happens(probability) else { return 1 }
    let share = Float(draws.beta(alpha))
    draws.note("own share", Double(share))
    ck_mix(sample.base, partner.base, sample.count, share)
    return share
  }
}
