import Diagnostics
import Layers
import Training

extension RunConfiguration {
  /// Refuses pruning that the rest of a run does not allow.
  static func require(
    _ pruning: Pruning?, epochs: Int, _ fineTuning: FineTuning,
    _ failure: (_ key: String, _ fault: String, _ cure: String) -> Failure
  ) throws {
    guard let pruning else { return }
    guard pruning.until <= Double(epochs) else {
      throw failure(
        "prune.until", "expected at most the run's \(count(epochs, "epoch")), found \(pruning.until)",
        "prune for some epochs, and leave some for the rest to learn behind it")
    }
    guard fineTuning.adapter == nil else {
      throw failure(
        "prune", "expected none beside lora, whose weights stay as they are, found some",
        "prune the model that lora starts from")
    }
  }
}
