import Checkpoints
import Datasets
import Diagnostics
import Exports
import Files
import Foundation
import Layers
import Tensors
import Training

/// What a configuration or a checkpoint comes to: layers, shapes, parameters, memory.
package struct Inspection {
  /// Several lines, without a line break at the end.
  package let text: String

  /// Of a recipe or a file; reads the training data, since they decide the shapes.
  package init(recipe: String, overrides: [String] = []) throws {
    let configuration = try RunConfiguration(recipeOrFile: recipe, overrides: overrides)
    let data = try PreparedData(configuration)
    let (train, plan) = (data.train, data.plan)
    text = Self.describe(
      configuration, plan, title: "\(configuration.name.shown()): \(grouped(train.count)) samples of \(train.form)")
  }

  /// Of a checkpoint, or of the newest one of a run directory.
  package init(checkpoint path: String) throws {
    let model = try Model(path)
    let record = model.record
    var lines = ["\(model.path.shown()): after step \(grouped(record.step)), \(grouped(record.epoch)) whole epochs"]
    lines += Self.metrics(record)
    if let features = record.features { lines.append("  features: \(Self.list(features))") }
    if let targets = record.targets { lines.append("  targets: \(Self.list(targets))") }
    if let classes = record.classes { lines.append("  classes: \(Self.list(classes))") }
    lines.append("  trained with \("\(record.programText)".shown())")
    text =
      Self.describe(model.configuration, model.plan, title: lines.joined(separator: "\n"))
      + "\ndigest \(record.digest.shown())"
  }

  /// The scores over all outputs, and those of single ones as far as somebody would read them.
  private static func metrics(_ record: RunRecord) -> [String] {
    let sorted = record.metrics.sorted { $0.key < $1.key }
    let (all, single) = (sorted.filter { !$0.key.contains(" of ") }, sorted.filter { $0.key.contains(" of ") })
    let lines = (all + single.prefix(48)).map { "  \($0.key.shown()): \(fixed($0.value, 4))" }
    return lines + (single.count > 48 ? ["  … (\(grouped(single.count - 48)) scores more)"] : [])
  }

  private static func describe(_ configuration: RunConfiguration, _ plan: Plan, title: String) -> String {
    var rows = [["layer", "kind", "output", "parameters"]]
    rows.append(["", "input", plan.network.input.description, ""])
    var seen = Set<Int>()
    for step in plan.steps {
      // A tied slot counts where it comes first.
      let slots = step.slots.map { (slot: plan.layout.slots[$0], isTied: !seen.insert($0).inserted) }
      let shapes = slots.map { "\($0.slot.name) \($0.slot.shape)\($0.isTied ? ", tied" : "")" }.joined(separator: ", ")
      let count = slots.reduce(0) { $0 + ($1.isTied ? 0 : $1.slot.range.count) }
      rows.append([
        step.path, type(of: step.layer).kind, step.outputShape.description,
        slots.isEmpty ? "" : "\(grouped(count)) (\(shapes))",
      ])
    }
    let state = configuration.stateSlots(for: plan.layout).reduce(0) { $0 + $1.count(for: plan.layout) }
    // The gradient is none of a checkpoint's; the parameters and all state are.
    let kept = plan.layout.count + state
    let learned = plan.layout.learnedCount
    let frozen = learned == plan.layout.parameterCount ? "" : ", of which \(grouped(learned)) learn"
    func size(_ floats: Int) -> String { byteText(Double(floats * MemoryLayout<Float>.stride)) }
    return """
      \(title)
      \(columns(rows))
      parameters: \(grouped(plan.layout.parameterCount))\(frozen)\(plan.precision == .float32 ? "" : ", computed in \(plan.precision.rawValue)")
      memory of a rank with one lane and one leaf: \(size(kept + plan.layout.trainedCount)) for parameters, gradient and optimizer, \
      \(size(plan.arenaCount)) for activations of \(plan.microBatch) samples
      rank zero besides: \(size(kept)) for the checkpoint that is being written
      """
  }

  fileprivate static func columns(_ rows: [[String]]) -> String {
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      let cells = zip(row, widths).map { $0.padded(to: $1) }
      return "  " + cells.joined(separator: "  ").replacing(/\ +$/, with: "")
    }.joined(separator: "\n")
  }

  /// The first names of many.
  static func list(_ names: [String]) -> String {
    names.prefix(20).map { $0.shown() }.joined(separator: ", ")
      + (names.count > 20 ? ", … (\(grouped(names.count)))" : "")
  }
}

extension Inspection {
  /// Of a file of tensors, by the ending of its name: what is in it, with the digests of the numbers.
  package init(weights path: String, as origin: StartSettings.Origin) throws {
    let file = try WeightsFiles.open(path, as: origin)
    var rows = [["tensor", "shape", "type", "bytes", "digest of its numbers"]]
    for tensor in file.tensors {
      // Words and the like, which no run starts from, have none.
      let digest = tensor.type.isFloat ? try file.digest(of: tensor) : try? file.digest(of: tensor)
      rows.append([
        tensor.name.shown(), tensor.shape.description, tensor.type.name, grouped(tensor.byteCount),
        digest.map { String($0.description.prefix(23)) } ?? "",
      ])
    }
    let bytes = file.tensors.reduce(0) { $0 + $1.byteCount }
    let turned = (file as? ONNXWeightsFile)?.turned.count ?? 0
    let note = turned == 0 ? "" : "\n\(count(turned, "factor")) of MatMul or Gemm shown as outputs × inputs"
    text = """
      \(path.shown()): \(file.format), \(count(file.tensors.count, "tensor")), \(grouped(bytes)) bytes
      \(Self.columns(rows))\(note)
      digest \(try RegularFile(path).digest())
      """
  }
}
