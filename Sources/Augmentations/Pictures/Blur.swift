import CKernels
import Configuration
import Tensors

/// The picture smoothed by a Gaussian.
public struct Blur: Augmentation {
  public static let kind = "blur"
  public static let summary = "smooths a picture by a Gaussian whose deviation is drawn"

  /// Pixels of the row of weights, odd.
  private let kernel: Int
  /// In pixels.
  private let deviation: ClosedRange<Double>
  private let probability: Double

  public init(_ settings: ConfigReader) throws {
    kernel = try settings.int("kernel", default: 5, in: 3...255)
    deviation = try settings.range("deviation", default: 0.1...2, in: 0.01...100)
    probability = try settings.probability(default: 0.5)
    guard kernel % 2 == 1 else {
      throw settings.failure(
        at: "kernel", "expected an odd number of pixels, found \(kernel)", cure: "\(kernel + 1) would do")
    }
  }

  public func bound(to training: TrainingSamples) throws -> any Augmentation {
    try training.requirePictures()
    guard kernel / 2 < min(training.form.height, training.form.width) else {
      throw AugmentationMisfit(
        expected: "pictures of more than \(kernel / 2) rows and columns for a kernel of \(kernel)",
        found: training.form.text, cure: "take a smaller kernel")
    }
    return self
  }

  public func scratchCount(_ form: SampleForm) -> Int { form.shape.count + kernel }

  public func augment(_ sample: FloatView, _ form: SampleForm, _ draws: inout Draws, scratch: FloatView) {
    guard draws.happens(probability) else { return }
    let sigma = draws.number(in: deviation)
    draws.note("deviation", sigma)
    let weights = scratch[sample.count..<sample.count + kernel]
    func weight(_ place: Int) -> Double {
      let distance = Double(place - kernel / 2) / sigma
      return ck_exponential(-0.5 * distance * distance)
    }
    var sum = 0.0
    for place in 0..<kernel { sum += weight(place) }
    for place in 0..<kernel { weights[place] = Float(weight(place) / sum) }
    ck_blur_picture(sample.base, scratch.base, form.height, form.width, form.channels, weights.base, kernel)
  }
}
