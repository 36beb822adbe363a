import Augmentations
import Datasets
import Lockstep
import Tensors

/// Training samples as they are in the data, and as training sees them in an epoch, before transforms.
struct LookedSamples {
  /// One of them.
  struct Sample {
    /// Its place in the data, from 0.
    let place: Int
    let before: [Float]
    let after: [Float]
    let drawn: [DrawRecord.Entry]
    /// Where it is mixed: the place of the other sample, and what its own target counts.
    let mixture: (other: Int, share: Float)?
  }

  let data: Dataset
  let form: SampleForm
  let samples: [Sample]

  /// The first `count` samples of an epoch, in its order.
  ///
  /// Throws as training does that begins with them.
  init(_ configuration: RunConfiguration, count: Int, epoch: Int) throws {
    data = try PreparedData.readTrain(configuration)
    let augmenter = try configuration.bound(to: data.ends).augmenter(for: data)
    form = SampleForm(data)
    var samples: [Sample] = []
    let order = EpochPermutation(count: data.count, seed: configuration.seed, epoch: epoch)
    // Whole micro-batches, as samples are mixed with their neighbours in them; the first of a batch is the first of an epoch.
    for first in stride(from: 0, to: min(count, data.count), by: configuration.microBatch) {
      let size = min(configuration.microBatch, data.count - first)
      samples += Self.samples(of: data, augmenter, order, first..<first + size, epoch).prefix(count - first)
    }
    self.samples = samples
  }

  private static func samples(
    of data: Dataset, _ augmenter: Augmenter?, _ order: EpochPermutation, _ positions: Range<Int>, _ epoch: Int
  ) -> [Sample] {
    let (m, F) = (positions.count, data.shape.count)
    var places = [Int](repeating: 0, count: m)
    places.withUnsafeMutableBufferPointer { order.fill($0, from: positions.lowerBound) }
    let (before, after, shares) = (FlatBuffer(count: m * F), FlatBuffer(count: m * F), FlatBuffer(count: m))
    let records = (0..<m).map { _ in DrawRecord() }
    places.withUnsafeBufferPointer {
      data.gatherRaw($0, into: before.view)
      data.gatherRaw($0, into: after.view)
      augmenter?.augment(
        $0, of: data, epoch: epoch, into: after.view, shares: augmenter?.mixes == true ? shares.view : nil,
        records: records)
    }
    return (0..<m).map { row in
      let part = row * F..<(row + 1) * F
      let share = shares.view[row]
      return Sample(
        place: places[row], before: before.view[part].array, after: after.view[part].array,
        drawn: records[row].entries,
        mixture: augmenter?.mixes == true && share < 1 ? (places[row > 0 ? row - 1 : m - 1], share) : nil)
    }
  }
}
