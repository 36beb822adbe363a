import Diagnostics
import Tensors

extension Adapter {
  /// Those of `places` whose weights do not learn by themselves, as `saved` names them: what has learned anything can needs no adapter
  /// beside it. As in PEFT, patterns of layers pass the others over.
  ///
  /// Throws a bad configuration (78) where a target without a star names one of these.
  func beside(_ saved: [NamePattern], _ places: [AdapterPlace]) throws -> [AdapterPlace] {
    try places.filter { place in
      guard place.weights.contains(where: saved.match) else { return true }
      if let target = targets.first(where: { $0.starCount == 0 && place.fits($0) }) {
        throw Failure(
          .badConfiguration, at: "lora.modules-to-save",
          "expected layers without an adapter, found \(place), which lora.targets names (\(target))",
          cure: "leave it out of one of them: whole weights that learn need no adapter")
      }
      return false
    }
  }
}

extension AdapterPlace {
  /// The names of weights that an adapter would stand beside, in whichever form of attention.
  fileprivate var weights: [String] {
    switch projection {
    case .query: ["\(path).in_proj_weight", "\(path).q_proj.weight"]
    case .key, .value: ["\(path).in_proj_weight", "\(path).kv_proj.weight"]
    case .output: ["\(path).out_proj.weight"]
    case nil:
      ["\(path).weight"] + AttentionProjection.allCases.flatMap { AdapterPlace(path, $0).weights }
    }
  }
}
