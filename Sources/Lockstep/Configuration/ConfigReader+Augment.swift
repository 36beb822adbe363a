import Augmentations
import Configuration
import Datasets
import Diagnostics
import Losses

extension ConfigReader {
  /// `augment`, a list of any, each with the place where it stands.
  func augmentations() throws -> [PlacedAugmentation] {
    try choices(
      "augment",
      augmentationKinds.cases { kind, settings in PlacedAugmentation(try kind.init(settings), place: settings.place) },
      whenMissing: .empty)
  }
}

extension RunConfiguration {
  /// Its augmentations, bound to training data whose loss is known; nil where there are none.
  ///
  /// Throws a bad configuration (78) that names the one which is nothing for these samples.
  package func augmenter(for train: Dataset) throws -> Augmenter? {
    let columns = train.shape.rank == 1 ? data.columns(of: train) : []
    return try Augmenter(
      augmentations, training: TrainingSamples(train, columns: columns), seed: seed, mixing: mixingMisfit(train))
  }

  /// Why targets cannot be mixed, if they cannot.
  private func mixingMisfit(_ train: Dataset) -> (expected: String, found: String)? {
    if !loss.parts.isEmpty {
      return ("one target, which can be mixed with that of another sample", "\(loss.parts.count) of \(train.source)")
    }
    if train.isText { return ("samples of one target each", "a target a position") }
    return nil
  }
}
