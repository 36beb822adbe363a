import Datasets
import Kernels
import Layers
import Losses
import Tensors

/// What the numbers are that products of layers read, as samples pass: by that, the input of each is rounded to bytes.
///
/// Two passes over the samples: the largest magnitude of a product's input, and a histogram of magnitudes below it. Counts are whole
/// numbers, so that they come out the same whoever counts. The limit of a product is the one whose bytes have the least squared error:
/// few numbers beyond it lose more, and all below it lose less. Wu et al.: *Integer quantization for deep learning inference* (2020).
package struct InputRanges {
  private let plan: Plan
  private let parameters: FloatView
  private let samples: [Int]
  private let dataset: Dataset
  private let loss: any Loss
  /// Of the products.
  private let places: Set<String>

  /// Bins of a histogram, and how many of them a limit has at least: a sixteenth.
  private static let bins = 4096
  private static let fewest = 256

  /// Of the products at `paths`, on `samples` of `dataset`, whose features are transformed; `plan` computes with floats, and borrows
  /// `parameters`.
  package init(
    _ paths: [String], of plan: Plan, _ parameters: FloatView, loss: any Loss, dataset: Dataset, samples: [Int]
  ) {
    precondition(!samples.isEmpty, "ranges are taken of samples, found none")
    (self.plan, self.parameters, self.loss, self.dataset, self.samples) = (
      plan, parameters, loss, dataset, samples
    )
    places = Set(paths)
  }

  /// The scale of each product's input; none where one of them is no number, with the first such product's place.
  package func scales() -> (scales: ByteScales, unusable: String?) {
    var extremes: [String: (least: Float, largest: Float)] = [:]
    var unusable: String?
    forEachInput { place, numbers in
      var (least, largest, isFinite) = (Float(0), Float(0), true)
      for number in numbers {
        least = min(least, number)
        largest = max(largest, number)
        if !number.isFinite { isFinite = false }
      }
      if !isFinite { unusable = unusable ?? place }
      let known = extremes[place] ?? (0, 0)
      extremes[place] = (min(known.least, least), max(known.largest, largest))
    }
    guard unusable == nil else { return ([:], unusable) }
    var counts = extremes.mapValues { _ in [Int](repeating: 0, count: Self.bins) }
    forEachInput { place, numbers in
      let most = Self.most(extremes[place]!)
      guard most > 0 else { return }
      let perBin = Float(Self.bins) / most
      for number in numbers { counts[place]![min(Self.bins - 1, Int(number.magnitude * perBin))] += 1 }
    }
    var scales: ByteScales = [:]
    for place in places {
      let range = extremes[place] ?? (0, 0)
      let most = Self.most(range)
      let limit =
        most > 0
        ? most * Float(Self.bestBins(counts[place]!, isSigned: range.least < 0)) / Float(Self.bins)
        : 1
      scales[place] = ByteScale(limit: limit, isSigned: range.least < 0)
    }
    return (scales, nil)
  }

  /// The largest magnitude; 0 where it is so small that nothing could be divided by it.
  private static func most(_ range: (least: Float, largest: Float)) -> Float {
    let most = max(range.largest, -range.least)
    return most > 0x1p-100 ? most : 0
  }

  /// How many of the first bins a limit has for the least squared error; the fewest of those that are as good.
  static func bestBins(_ counts: [Int], isSigned: Bool) -> Int {
    var (best, least) = (counts.count, Double.infinity)
    for limit in stride(from: fewest, through: counts.count, by: 32) {
      let step = Double(limit) / (isSigned ? 127 : 255)
      var error = 0.0
      for (bin, count) in counts.enumerated() where count > 0 {
        let middle = Double(bin) + 0.5
        let off = middle - min((middle / step).rounded(.toNearestOrEven) * step, Double(limit))
        error += Double(count) * off * off
      }
      if error < least { (best, least) = (limit, error) }
    }
    return best
  }

  /// Passes all samples through, and lends what the layers read of those that are there.
  private func forEachInput(_ body: (_ place: String, UnsafeBufferPointer<Float>) -> Void) {
    var lane = plan.makeLane(parameters: parameters, seed: 0)
    let staged = StagedLeaves(dataset: dataset, loss: loss, microBatch: plan.microBatch, leaves: 1)
    Kernels.asLane {
      for first in stride(from: 0, to: samples.count, by: plan.microBatch) {
        let some = samples[first..<min(first + plan.microBatch, samples.count)]
        staged.stage(leaf: 0, count: some.count) { chosen in
          for (place, sample) in some.enumerated() { chosen[place] = sample }
        }
        lane.setInput(staged.input(0))
        lane.setMode(.evaluation, valid: some.count)
        plan.forward(lane) { operation in
          plan.forEachOperand(operation, lane) { place, input in
            guard places.contains(place) else { return }
            body(
              place,
              UnsafeBufferPointer(
                start: input.base, count: input.count / plan.microBatch * some.count))
          }
        }
      }
    }
  }
}
