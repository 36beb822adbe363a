import Configuration
import Datasets
import Diagnostics
import Synchronization
import Tensors

/// An augmentation as it stands in a configuration.
public struct PlacedAugmentation: Sendable {
  package let augmentation: any Augmentation
  /// Where messages say that it stands: `run.yaml:7: augment[0].flip`.
  package let place: String

  /// - Parameter place: what messages call it; nil: its kind.
  public init(_ augmentation: any Augmentation, place: String? = nil) {
    (self.augmentation, self.place) = (augmentation, place ?? "augment: \(augmentation.kind)")
  }
}

/// The augmentations of a run, bound to its training samples.
///
/// Letters: S samples of a micro-batch, F features of a sample.
package final class Augmenter: Sendable {
  private struct Operation<Kind: Sendable>: Sendable {
    let kind: Kind
    let keys: Draws.Keys
  }

  package let form: SampleForm
  private let operations: [Operation<any Augmentation>]
  private let mixers: [Operation<any MixingAugmentation>]
  /// The first one, where it takes its window of what samples are decoded from.
  private let firstWindow: (any WindowAugmentation)?
  private let scratch: AugmentationScratch

  /// Whether targets are mixed.
  package var mixes: Bool { !mixers.isEmpty }

  /// nil where there are no augmentations.
  ///
  /// - Parameter mixing: why targets may not be mixed; nil: they may.
  ///
  /// Throws a bad configuration (78) that names the augmentation which is nothing for these samples.
  package convenience init?(
    _ augmentations: [PlacedAugmentation], training samples: TrainingSamples, seed: UInt64,
    mixing: (expected: String, found: String)?
  ) throws {
    guard !augmentations.isEmpty else { return nil }
    let training = samples.dataset
    var operations: [Operation<any Augmentation>] = []
    var mixers: [Operation<any MixingAugmentation>] = []
    for (place, placed) in augmentations.enumerated() {
      func failure(_ fault: String, cure: String) -> Failure {
        Failure(.badConfiguration, at: placed.place, fault, cure: cure)
      }
      if !training.wide.values.isEmpty {
        throw failure(
          "column \(training.wideNames) is standardised before it is rounded to a float, which nothing can come before",
          cure: "take a smaller unit for it, or leave augment out")
      }
      let bound: any Augmentation
      do {
        bound = try placed.augmentation.bound(to: samples)
      } catch let misfit as AugmentationMisfit {
        throw failure("expected \(misfit.expected), found \(misfit.found)", cure: misfit.cure)
      }
      let keys = Draws.Keys(seed: seed, operation: place)
      if let mixer = bound as? any MixingAugmentation {
        if let mixing { throw failure("expected \(mixing.expected), found \(mixing.found)", cure: "leave it out") }
        mixers.append(Operation(kind: mixer, keys: keys))
      } else if let mixer = mixers.last {
        throw failure(
          "expected it before \(mixer.kind.kind), which mixes samples as they come out of all others, found it behind",
          cure: "move \(mixer.kind.kind) to the end of the list")
      } else {
        operations.append(Operation(kind: bound, keys: keys))
      }
    }
    let isDecoded = if case .decoded = training.features { true } else { false }
    self.init(samples.form, isDecoded: isDecoded, operations, mixers)
  }

  private init(
    _ form: SampleForm, isDecoded: Bool, _ operations: [Operation<any Augmentation>],
    _ mixers: [Operation<any MixingAugmentation>]
  ) {
    (self.form, self.operations, self.mixers) = (form, operations, mixers)
    firstWindow = isDecoded ? operations.first?.kind as? any WindowAugmentation : nil
    let most = operations.map { $0.kind.scratchCount(form) }.max() ?? 0
    scratch = AugmentationScratch(count: max(most, mixers.isEmpty ? 0 : form.shape.count))
  }

  /// Overwrites `features` (S×F) with `samples` (S) of `dataset`, changed as in epoch `epoch`, from 0, then mixed with their
  /// neighbours, where that is asked for, and last by the data's transforms. Allocates nothing.
  ///
  /// Overwrites `shares` (S), where given, with what each sample's own target counts; the rest is that of the sample before it, the
  /// last one's for the first.
  package func gather(
    _ samples: UnsafeBufferPointer<Int>, of dataset: Dataset, epoch: Int, into features: FloatView, shares: FloatView?
  ) {
    augment(samples, of: dataset, epoch: epoch, into: features, shares: shares, records: nil)
    dataset.transform(features, samples: samples.count)
  }

  /// The same before the data's transforms; tells `records`, one a sample, what was drawn.
  package func augment(
    _ samples: UnsafeBufferPointer<Int>, of dataset: Dataset, epoch: Int, into features: FloatView, shares: FloatView?,
    records: [DrawRecord]?
  ) {
    let size = form.shape.count
    if firstWindow == nil { dataset.gatherRaw(samples, into: features) }
    scratch.with { memory in
      for (row, sample) in samples.enumerated() {
        let own = features[row * size..<(row + 1) * size]
        for (place, operation) in operations.enumerated() {
          let record = records?[row]
          record?.begin(operation.kind.kind)
          var draws = Draws(operation.keys, epoch: epoch, sample: sample, record: record)
          if place == 0, firstWindow != nil {
            decode(sample, of: dataset, into: own, &draws)
          } else {
            operation.kind.augment(own, form, &draws, scratch: memory)
          }
        }
      }
      if let shares, !mixers.isEmpty { mix(features, samples, epoch, shares, memory, records) }
    }
  }

  private func decode(_ sample: Int, of dataset: Dataset, into own: FloatView, _ draws: inout Draws) {
    guard case .decoded(let decoded) = dataset.features, let firstWindow else {
      preconditionFailure("\(dataset.source) is not decoded")
    }
    let size = decoded.size(of: sample)
    decoded.decode(sample, window: firstWindow.window(height: size.height, width: size.width, &draws), into: own.base)
  }

  /// From the last sample to the first, so that each meets the one before it as that was; the last is kept for the first.
  private func mix(
    _ features: FloatView, _ samples: UnsafeBufferPointer<Int>, _ epoch: Int, _ shares: FloatView, _ memory: FloatView,
    _ records: [DrawRecord]?
  ) {
    let (size, count) = (form.shape.count, samples.count)
    guard count > 1 else {
      for row in 0..<count { shares[row] = 1 }
      return
    }
    func sample(_ row: Int) -> FloatView { features[row * size..<(row + 1) * size] }
    let last = memory[0..<size]
    last.assign(sample(count - 1))
    for row in (0..<count).reversed() {
      let partner = row > 0 ? sample(row - 1) : last
      shares[row] = 1
      for mixer in mixers where shares[row] == 1 {
        let record = records?[row]
        record?.begin(mixer.kind.kind)
        var draws = Draws(mixer.keys, epoch: epoch, sample: samples[row], record: record)
        shares[row] = mixer.kind.mix(sample(row), with: partner, form, &draws)
      }
    }
  }
}

extension Dataset {
  /// The columns that are kept in double precision, for messages.
  fileprivate var wideNames: String {
    wide.values.keys.sorted().map { place in "'\(featureNames?[place] ?? "\(place + 1)")'" }.joined(separator: ", ")
  }
}

/// Memory that augmentations write, a piece for each thread that augments: made once, and then used again.
private final class AugmentationScratch: Sendable {
  private let count: Int
  private let free: Mutex<[FlatBuffer]>

  init(count: Int) {
    self.count = count
    var free: [FlatBuffer] = []
    free.reserveCapacity(64)
    self.free = Mutex(free)
  }

  func with(_ body: (FloatView) -> Void) {
    let memory = free.withLock { $0.popLast() } ?? FlatBuffer(count: count)
    body(memory.view)
    free.withLock { $0.append(memory) }
  }
}
