import Configuration
import Datasets
import Diagnostics
import Goldens
import Tensors

@testable import Augmentations

/// The augmentations that a list in YAML names, each placed as its own kind.
func augmentations(_ yaml: String) throws -> [PlacedAugmentation] {
  try ConfigReader(yaml: "augment: \(yaml)\n", file: "run.yaml").choices(
    "augment",
    augmentationKinds.cases { kind, settings in PlacedAugmentation(try kind.init(settings), place: settings.place) })
}

/// A list of augmentations, bound to samples.
func augmenter(_ yaml: String, _ data: Dataset, seed: UInt64 = 1) throws -> Augmenter {
  try Augmenter(augmentations(yaml), training: TrainingSamples(data), seed: seed, mixing: nil)!
}

extension Augmenter {
  /// What it makes of samples, before transforms, with what was drawn; `shares` where it mixes.
  func made(
    _ samples: [Int], of data: Dataset, epoch: Int = 0, records: [DrawRecord]? = nil
  ) -> (features: [Float], shares: [Float]) {
    let features = FlatBuffer(count: samples.count * data.shape.count)
    let shares = FlatBuffer(count: samples.count)
    for row in samples.indices { shares.view[row] = 1 }
    samples.withUnsafeBufferPointer {
      augment($0, of: data, epoch: epoch, into: features.view, shares: shares.view, records: records)
    }
    return (features.view.array, shares.view.array)
  }
}

/// Samples of a shape whose floats, 0…1, follow no order.
func pictures(_ shape: Shape, count: Int = 6) -> Dataset {
  let random = Philox(seed: 3, purpose: .data)
  let floats = (0..<count * shape.count).map { Float(random.block(stream: 0, index: UInt64($0)).x.unitInterval) }
  return Dataset(
    source: "pictures", shape: shape, features: .floats(floats),
    targets: .classes((0..<count).map { Int32($0 % 2) }, names: ["even", "odd"]))
}

/// The failure that a body ends with.
func failure(_ body: () throws -> Void) -> Failure? {
  do {
    try body()
  } catch {
    return error as? Failure
  }
  return nil
}
