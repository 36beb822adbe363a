import Configuration
import Tensors

/// The weights that a run starts from: `start-from` in a configuration.
///
/// ```yaml
/// start-from:
///   pytorch: efficientnet.pth
///   names: {"_blocks.*": "3.*", "_fc.*": null}
///   skip: ["9.*"]
/// ```
public struct StartSettings: Sendable {
  /// What kind of file they are in.
  public enum Origin: String, Sendable, CaseIterable {
    case safetensors, pytorch, onnx, checkpoint
  }

  /// What to do where a slot gets no tensor.
  public enum Missing: String, Sendable, CaseIterable {
    /// The run stops, unless the slot is of the last layer.
    case refuse
    /// It starts as its layer says.
    case allow
  }

  package let origin: Origin
  /// A file; of a checkpoint, its directory or that of its run.
  package let path: String
  /// How tensors are called here, the first that fits; nil: they are left out. In their order.
  package let names: [(pattern: NamePattern, replacement: String?)]
  /// Slots that start as their layers say, whatever the file has.
  package let skip: [NamePattern]
  package let missing: Missing

  /// - Parameters:
  ///   - path: of a file; of a checkpoint, its directory or that of its run.
  ///   - names: patterns of the file's names, each with what fitting tensors are called here; nil: they are left out. The first that
  ///     fits counts.
  ///   - skip: slots that start as their layers say.
  public init(
    _ origin: Origin, _ path: String, names: [(pattern: String, replacement: String?)] = [], skip: [String] = [],
    missing: Missing = .refuse
  ) {
    (self.origin, self.path, self.missing) = (origin, path, missing)
    self.names = names.map { (NamePattern($0.pattern), $0.replacement) }
    self.skip = skip.map { NamePattern($0) }
  }

  init(_ settings: ConfigReader) throws {
    try settings.requireNames(of: "safetensors", "pytorch", "onnx", "checkpoint")
    let paths = try Origin.allCases.map { ($0, try settings.optionalFilePath($0.rawValue)) }
    let given = paths.compactMap { origin, path in path.map { (origin, $0) } }
    names = try settings.named("names", by: "tensors") { try $0.optionalString() }.map { name, replacement in
      let pattern = NamePattern(name)
      if let replacement, NamePattern(replacement).starCount > pattern.starCount {
        throw settings.failure(
          at: "names", "expected at most as many * in \"\(replacement)\" as in \"\(name)\", found more",
          cure: "each * of the new name stands for what one of the pattern does")
      }
      return (pattern, replacement)
    }
    skip = try settings.strings("skip", default: []).map { NamePattern($0) }
    missing = try settings.option("missing", default: .refuse)
    if settings.isDescribing {
      (origin, path) = (.safetensors, "")
      return
    }
    guard given.count == 1 else {
      let words = Origin.allCases.map(\.rawValue).joined(separator: ", ")
      throw settings.failure(
        at: given.isEmpty ? "safetensors" : given[1].0.rawValue,
        "expected one of \(words), found \(given.isEmpty ? "none" : "\(given.count)")",
        cure: given.isEmpty ? "name the file to start from" : "name one file")
    }
    (origin, path) = given[0]
  }
}
