import Diagnostics
import Tensors

/// Adapters of low rank beside the dense layers of a network: LoRA. See `LowRank`.
///
/// ```swift
/// network.adapter = Adapter(rank: 8, alpha: 16, targets: ["3", "*.1"])
/// ```
public struct Adapter: Sendable {
  public let rank: Int
  /// α; what an adapter adds is multiplied by α / rank.
  public let alpha: Double
  public let dropout: Double
  /// Which dense layers have one: patterns of their places, `2.0`, or of their weights, `2.0.weight`.
  public let targets: [NamePattern]

  public init(rank: Int, alpha: Double, dropout: Double = 0, targets: [NamePattern]) {
    (self.rank, self.alpha, self.dropout, self.targets) = (rank, alpha, dropout, targets)
  }

  /// The names of what adapters learn.
  package static let slots = ["*.lora_A.weight", "*.lora_B.weight"].map { NamePattern($0) }

  /// Whether a pattern fits a layer at `path`.
  private static func fits(_ pattern: NamePattern, _ path: String) -> Bool {
    pattern.matches(path) || pattern.matches("\(path).weight")
  }

  /// A layer with its adapter; another one as it is.
  ///
  /// Throws bad configuration (78) where a layer is named whose kind, or whose tied weights, have no adapter.
  func adapted(_ layer: any Layer, at path: String) throws -> any Layer {
    guard targets.contains(where: { Self.fits($0, path) }) else { return layer }
    guard let dense = layer as? Dense, dense.tied == nil else {
      // A star stands for every layer that can have one.
      guard targets.contains(where: { Self.fits($0, path) && $0.starCount == 0 }) else { return layer }
      let found = (layer as? Dense)?.tied == nil ? type(of: layer).kind : "a dense one that is tied to an embedding"
      throw Failure(
        .badConfiguration, at: "lora.targets", "expected a dense layer at \(path), found \(found)",
        cure: "name dense layers; lockstep inspect lists them")
    }
    return LowRank(beside: dense, rank: rank, alpha: alpha, dropout: dropout)
  }

  /// Refuses patterns that fit no dense layer, of all that are at `paths`.
  func requireFit(_ paths: [String]) throws {
    for pattern in targets where !paths.contains(where: { Self.fits(pattern, $0) }) {
      let near = nearest(to: pattern.description, among: paths)
      throw Failure(
        .badConfiguration, at: "lora.targets", "\"\(pattern)\" fits no dense layer",
        cure: near.map { "the nearest is \($0)" }
          ?? (paths.isEmpty ? "the model has none" : "there are some at \(paths.prefix(20).joined(separator: ", "))"))
    }
  }
}

extension Plan {
  /// The layers with adapters, with the names of their places.
  package var adapters: [(path: String, layer: LowRank, slots: [Int])] {
    steps.compactMap { step in (step.layer as? LowRank).map { (step.path, $0, step.slots) } }
  }

  /// The same network without adapters, and its parameters, of `parameters`, with what they add: W + (α/r)·B·A.
  package func merged(_ parameters: FloatView) throws -> (plan: Plan, parameters: FlatBuffer) {
    var network = network
    (network.adapter, network.freezing) = (nil, .none)
    let plan = try network.plan(microBatch: microBatch, precision: precision)
    let merged = FlatBuffer(count: plan.layout.count)
    let places = Dictionary(uniqueKeysWithValues: layout.slots.map { ($0.name, $0.range) })
    for slot in plan.layout.slots { merged.view[slot.range].assign(parameters[places[slot.name]!]) }
    for (path, layer, slots) in adapters {
      let weight = plan.layout.slots.first { $0.name == "\(path).weight" }!
      let (A, B) = (layout.slots[slots[slots.count - 2]].range, layout.slots[slots[slots.count - 1]].range)
      Dense.merge(
        merged.view[weight.range], A: parameters[A], B: parameters[B], rank: layer.rank, scale: layer.scale)
    }
    return (plan, merged)
  }
}
