import Checkpoints
import Diagnostics
import Tensors

/// Which slot of a network starts from which tensor of a file: found by names and shapes alone, before a number is read.
package struct StartMatch {
  /// A slot, and what it starts from.
  package struct Row {
    package let slot: ParameterLayout.Slot
    /// Nil: it starts as its layer says.
    package let tensor: StoredTensor?
  }

  /// In the order of the slots.
  package let rows: [Row]
  /// Tensors of the file that no slot has got.
  package let left: [StoredTensor]
  private let file: any WeightsFile

  /// - Parameter head: the names of the slots of the last layer that has some: a file may be without them.
  ///
  /// Throws bad data (65) where a slot gets none that is to get one, or one of another shape, and bad configuration (78) where a
  /// pattern fits nothing.
  package init(_ file: any WeightsFile, _ settings: StartSettings, _ layout: ParameterLayout, head: Set<String>) throws
  {
    self.file = file
    var (used, found) = (Set<Int>(), [String: StoredTensor]())
    for tensor in file.tensors {
      guard let name = Self.name(of: tensor.name, settings, &used) else { continue }
      if let other = found[name] {
        throw Failure(
          .badConfiguration, at: "start-from.names",
          "expected one tensor for \(name.shown()), found \(other.name.shown()) and \(tensor.name.shown())",
          cure: "leave one of them out: \"\(tensor.name)\": null")
      }
      found[name] = tensor
    }
    for (place, rule) in settings.names.enumerated() where !used.contains(place) {
      throw Failure(
        .badConfiguration, at: "start-from.names", "\"\(rule.pattern)\" fits no tensor of \(file.path)",
        cure: Self.cure(nearest(to: rule.pattern.description, among: file.tensors.map(\.name)), file.path))
    }
    for pattern in settings.skip where !layout.slots.contains(where: { pattern.matches($0.name) }) {
      throw Failure(
        .badConfiguration, at: "start-from.skip", "\"\(pattern)\" fits no slot",
        cure: nearest(to: pattern.description, among: layout.slots.map(\.name)).map { "the nearest is \($0)" }
          ?? "lockstep inspect lists the slots")
    }
    rows = try layout.slots.map { slot in
      guard !settings.skip.match(slot.name) else { return Row(slot: slot, tensor: nil) }
      guard let tensor = found[slot.name] else {
        guard settings.missing == .allow || head.contains(slot.name) else {
          throw Self.missing(slot, found, file.path)
        }
        return Row(slot: slot, tensor: nil)
      }
      guard tensor.shape == slot.shape else {
        throw Failure(
          .badData, at: file.path,
          "tensor \"\(tensor.name.shown())\": expected shape \(slot.shape), as slot \(slot.name) has, found \(tensor.shape)",
          cure: "a new head starts by itself with start-from.skip: [\"\(slot.name)\"]; otherwise change the layer")
      }
      guard tensor.type.isFloat else {
        throw Failure(
          .badData, at: file.path,
          "tensor \"\(tensor.name.shown())\": expected F32, F64, F16 or BF16, found \(tensor.type)",
          cure: "convert it to floats")
      }
      return Row(slot: slot, tensor: tensor)
    }
    let taken = Set(rows.compactMap { $0.tensor?.place })
    left = file.tensors.filter { !taken.contains($0.place) }
    if !taken.isEmpty, let adapter = left.first(where: { Adapter.slots.match($0.name) }) {
      throw Failure(
        .badData, at: file.path,
        "expected weights, found some with an adapter beside them, \"\(adapter.name.shown())\", which would be lost",
        cure: "export the run with --pytorch, which adds it to the weights, and start from model.safetensors there; "
          + "or give this run the same lora")
    }
    guard !taken.isEmpty else {
      throw Failure(
        .badData, at: file.path, "expected tensors for the slots of the model, found none of their names",
        cure: rows.allSatisfy { settings.skip.match($0.slot.name) }
          ? "leave something out of start-from.skip, which fits all slots"
          : "say by start-from.names how they are called here; lockstep inspect lists both")
    }
  }

  /// The name of a tensor here; nil where it is left out. Notes the rule that was used.
  private static func name(of tensor: String, _ settings: StartSettings, _ used: inout Set<Int>) -> String? {
    for (place, rule) in settings.names.enumerated() where rule.pattern.matches(tensor) {
      used.insert(place)
      return rule.replacement.flatMap { rule.pattern.renamed(tensor, to: $0) }
    }
    return tensor
  }

  private static func cure(_ near: String?, _ path: String) -> String {
    near.map { "the nearest is \($0.shown())" } ?? "lockstep inspect \(path) lists its tensors"
  }

  private static func missing(
    _ slot: ParameterLayout.Slot, _ found: [String: StoredTensor], _ path: String
  ) -> Failure {
    let near = nearest(to: slot.name, among: found.keys.sorted()).map { "the nearest name is \($0.shown()); " } ?? ""
    return Failure(
      .badData, at: path, "expected a tensor for slot \(slot.name) (\(slot.shape)), found none",
      cure: near + "say by start-from.names how it is called there, or start-from.skip: [\"\(slot.name)\"]")
  }

  /// Overwrites the matched slots of `parameters`; others are left as they are.
  ///
  /// Throws bad data (65) where a tensor cannot be read, or a number is not finite.
  package func load(into parameters: FloatView) throws {
    for row in rows {
      guard let tensor = row.tensor else { continue }
      let stored = FlatBuffer(count: row.slot.range.count)
      try file.read(tensor, into: stored.view)
      let memory = parameters[row.slot.range]
      if row.slot.isReordered { row.slot.load(stored.view, into: memory) } else { memory.assign(stored.view) }
    }
  }
}
