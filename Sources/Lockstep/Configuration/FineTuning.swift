import Configuration
import Diagnostics
import Layers
import Optimizers
import Tensors

/// What of a network learns, when and how fast: `freeze`, `unfreeze`, `groups`, `layer-decay` and `lora` in a configuration.
///
/// ```yaml
/// freeze: ["features.*"]
/// unfreeze: {3: ["features.8.*"]}
/// groups: [{slots: "features.*", rate: 0.1, weight-decay: 0}]
/// layer-decay: 0.75
/// lora: {rank: 8, alpha: 16, targets: ["*"], modules-to-save: ["9.*"]}
/// ```
public struct FineTuning: Sendable {
  package let freezing: Freezing
  package let groups: [SlotGroup]
  package let layerDecay: Double?
  package let adapter: Adapter?
  /// The folder of an adapter that the run's begins as; nil: A at random, B at zero.
  package let adapterFolder: String?

  /// The last epoch, counted from 1, from which on slots may begin to learn.
  private static let epochs = 2...1_000_000

  /// All learns, from the first step on, at one rate.
  public static let none = FineTuning()

  /// - Parameters:
  ///   - freezing: what stays as it is. With an adapter all does but that, and but for what is excepted here.
  ///   - groups: slots with other rates than the rest.
  ///   - layerDecay: what the rate of a layer is multiplied by for each one that learns behind it.
  ///   - adapter: of low rank, beside dense layers and projections of attention.
  public init(
    freezing: Freezing = .none, groups: [SlotGroup] = [], layerDecay: Double? = nil, adapter: Adapter? = nil
  ) {
    let own = adapter == nil ? freezing : Freezing([NamePattern("*")], except: Adapter.slots + freezing.except)
    (self.freezing, self.groups, self.layerDecay, self.adapter, adapterFolder) = (own, groups, layerDecay, adapter, nil)
  }

  /// Refuses slots that would begin to learn when the run is over.
  func requireWithin(
    epochs: Int, _ failure: (_ key: String, _ fault: String, _ cure: String) -> Failure
  ) throws {
    guard let last = freezing.until.last, last.epoch >= epochs else { return }
    throw failure(
      "unfreeze",
      "expected epochs up to the run's \(count(epochs, "epoch")), found \(last.epoch + 1): what it names would never learn",
      "train longer, unfreeze earlier, or leave it out")
  }

  /// Whether it is that.
  var isNone: Bool { freezing.slots.isEmpty && groups.isEmpty && layerDecay == nil && adapter == nil }

  init(_ reader: ConfigReader) throws {
    let frozen = try reader.strings("freeze", default: []).map { NamePattern($0) }
    let until = try reader.named("unfreeze", by: "epochs") { value in
      try value.list(count: 1...) { NamePattern(try $0.string()) }
    }.map { name, patterns in
      guard let epoch = Int(name), Self.epochs.contains(epoch) else {
        throw reader.failure(
          at: "unfreeze", "expected epochs from \(Self.epochs.lowerBound) on, found '\(name)'",
          cure: "epochs are counted from 1: what learns in the first one is not frozen")
      }
      return (epoch: epoch - 1, slots: patterns)
    }
    groups = try reader.list("groups", whenMissing: .empty) { value in
      let settings = try value.mapping()
      let slots = try settings.texts("slots").map { NamePattern($0) }
      return SlotGroup(
        slots, rate: try settings.double("rate", default: 1, in: 0...1e6),
        weightDecay: try settings.optionalDouble("weight-decay", in: 0...1e6))
    }
    layerDecay = try reader.optionalDouble("layer-decay", in: 1e-6...1)
    var saved: [NamePattern] = []
    (adapter, adapterFolder) =
      try reader.optionalChild("lora").map { settings in
        let rank = try settings.int("rank", default: 8, in: 1...(1 << 16))
        let alpha = try settings.double("alpha", default: 8, in: 1e-6...1e6)
        let dropout = try settings.double("dropout", default: 0, in: 0..<1)
        let targets = try settings.texts("targets").map { NamePattern($0) }
        saved = try settings.strings("modules-to-save", default: []).map { NamePattern($0) }
        return (
          Adapter(rank: rank, alpha: alpha, dropout: dropout, targets: targets),
          try settings.optionalFilePath("from")
        )
      } ?? (nil, nil)
    guard adapter != nil, !reader.isDescribing else {
      freezing = Freezing(frozen, until: until)
      return
    }
    guard frozen.isEmpty, until.isEmpty else {
      throw reader.failure(
        at: frozen.isEmpty ? "unfreeze" : "freeze",
        "expected none beside lora, which freezes all but its adapters, found some",
        cure: "leave it out; what else is to learn stands in lora.modules-to-save")
    }
    freezing = Freezing([NamePattern("*")], except: Adapter.slots + saved)
  }
}
