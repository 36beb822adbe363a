import Diagnostics
import Tensors

/// Adapters of low rank beside dense layers and projections of attention: LoRA. See `LowRank` and `AttentionAdapters`.
///
/// ```swift
/// network.adapter = Adapter(rank: 8, alpha: 16, targets: ["3", "*.q_proj", "*.v_proj"])
/// ```
public struct Adapter: Sendable {
  public let rank: Int
  /// α; what an adapter adds is multiplied by α / rank.
  public let alpha: Double
  public let dropout: Double
  /// What has one: patterns of places of dense layers, `2.0`, or of their weights, `2.0.weight`; of projections of attention, `2.1.q_proj`,
  /// or of all of them, `2.1`.
  public let targets: [NamePattern]

  public init(rank: Int, alpha: Double, dropout: Double = 0, targets: [NamePattern]) {
    (self.rank, self.alpha, self.dropout, self.targets) = (rank, alpha, dropout, targets)
  }

  /// The names of what adapters learn.
  package static let slots = ["*.lora_A.weight", "*.lora_B.weight"].map { NamePattern($0) }

  private var form: LowRankForm { LowRankForm(rank: rank, alpha: alpha, dropout: dropout) }

  /// A layer with its adapters; another one as it is, and so one whose weights `saved` names, which learn by themselves.
  ///
  /// Throws bad configuration (78) where a layer is named whose kind, or whose tied weights, have no adapter, or which is saved.
  func adapted(_ layer: any Layer, at path: String, besides saved: [NamePattern]) throws -> any Layer {
    let named = AdapterPlace.all(of: layer, at: path).filter { place in targets.contains { place.fits($0) } }
    let wanted = try beside(saved, named)
    guard wanted.isEmpty else {
      let adapters = AttentionAdapters(
        projections: AttentionProjection.allCases.filter { projection in
          wanted.contains { $0.projection == nil || $0.projection == projection }
        }, form: form)
      switch layer {
      case let attention as MultiHeadAttention: return LowRankAttention(beside: attention, adapters)
      case let attention as CrossAttention: return LowRankCrossAttention(beside: attention, adapters)
      default: return LowRank(beside: layer as! Dense, form)
      }
    }
    // A star stands for all that can have one.
    guard named.isEmpty, targets.contains(where: { AdapterPlace(path).fits($0) && $0.starCount == 0 }) else {
      return layer
    }
    let found = layer is Dense ? "a dense one that is tied to an embedding" : type(of: layer).kind
    throw Failure(
      .badConfiguration, at: "lora.targets", "expected a dense layer or attention at \(path), found \(found)",
      cure: "name dense layers, or attention's q_proj, k_proj, v_proj and out_proj; lockstep inspect lists them")
  }

  /// Refuses patterns that fit none of the places where adapters can stand.
  func requireFit(_ places: [AdapterPlace]) throws {
    for pattern in targets where !places.contains(where: { $0.fits(pattern) }) {
      let names = places.map(\.description)
      let near = nearest(to: pattern.description, among: names)
      throw Failure(
        .badConfiguration, at: "lora.targets", "\"\(pattern)\" fits no dense layer, and no projection of attention",
        cure: near.map { "the nearest is \($0)" }
          ?? (names.isEmpty ? "the model has none" : "there are some at \(names.prefix(20).joined(separator: ", "))"))
    }
  }
}

/// A place where an adapter can stand: that of a dense layer, of attention with all its projections, or of one of these.
struct AdapterPlace: CustomStringConvertible {
  let path: String
  /// Of attention; nil: the layer at `path` is meant.
  let projection: AttentionProjection?

  init(_ path: String, _ projection: AttentionProjection? = nil) { (self.path, self.projection) = (path, projection) }

  var description: String { projection.map { "\(path).\($0.rawValue)" } ?? path }

  /// Whether a pattern fits it; of projections their names alone do too, as PEFT has it.
  func fits(_ pattern: NamePattern) -> Bool {
    let names = projection.map { $0.names.flatMap { ["\(path).\($0)", $0] } } ?? [path]
    return names.contains { pattern.matches($0) || pattern.matches("\($0).weight") }
  }

  /// Those of a layer; none where it can have none.
  static func all(of layer: any Layer, at path: String) -> [AdapterPlace] {
    switch layer {
    case let dense as Dense where dense.tied == nil: [AdapterPlace(path)]
    case is MultiHeadAttention, is CrossAttention: all(ofAttentionAt: path)
    default: []
    }
  }

  static func all(ofAttentionAt path: String) -> [AdapterPlace] {
    [AdapterPlace(path)] + AttentionProjection.allCases.map { AdapterPlace(path, $0) }
  }
}

extension Plan {
  /// The adapters, in the order of their layers.
  package var adapters: [PlacedAdapter] {
    steps.flatMap { step in
      (step.layer as? any AdaptedLayer)?.adapters(at: step.path, slots: step.slots, of: layout) ?? []
    }
  }

  /// This plan where it has no adapters, else the one of the network that they are merged into, with its parameters.
  package func withoutAdapters(_ parameters: FlatBuffer) throws -> (
    plan: Plan, parameters: FlatBuffer
  ) {
    adapters.isEmpty ? (self, parameters) : try merged(parameters.view)
  }

  /// The same network without adapters, and its parameters, of `parameters`, with what they add: W + (α/r)·B·A.
  package func merged(_ parameters: FloatView) throws -> (plan: Plan, parameters: FlatBuffer) {
    var network = network
    (network.adapter, network.freezing) = (nil, .none)
    let plan = try network.plan(microBatch: microBatch, precision: precision)
    let merged = FlatBuffer(count: plan.layout.count)
    let places = Dictionary(uniqueKeysWithValues: layout.slots.map { ($0.name, $0.range) })
    for slot in plan.layout.slots { merged.view[slot.range].assign(parameters[places[slot.name]!]) }
    for adapter in adapters {
      let weight = plan.layout.slots.first { $0.name == adapter.weight }!
      let (A, B) = (layout.slots[adapter.A], layout.slots[adapter.B])
      let width = weight.shape[1]
      let first = weight.range.lowerBound + adapter.firstRow * width
      merged.view[first..<first + B.shape[0] * width].merge(
        A: parameters[A.range], B: parameters[B.range], adapter.form)
    }
    return (plan, merged)
  }
}
