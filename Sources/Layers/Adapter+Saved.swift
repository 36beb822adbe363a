import Diagnostics
import Tensors

extension Adapter {
  /// This for the layer at `path`, or nil where the layer learns by itself, as `saved` names its weights: what has learned anything can
  /// needs no adapter beside it. As in PEFT, patterns of layers pass it over.
  ///
  /// Throws a bad configuration (78) where a target names that layer alone.
  func beside(_ saved: [NamePattern], at path: String) throws -> Adapter? {
    let weight = "\(path).weight"
    guard saved.match(weight) else { return self }
    if let target = targets.first(where: { $0.starCount == 0 && ($0.matches(path) || $0.matches(weight)) }) {
      throw Failure(
        .badConfiguration, at: "lora.modules-to-save",
        "expected layers without an adapter, found \(path), which lora.targets names (\(target))",
        cure: "leave it out of one of them: whole weights that learn need no adapter")
    }
    return nil
  }
}
