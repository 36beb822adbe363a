import Checkpoints
import Diagnostics
import Tensors

/// What people are told of a start.
extension StartMatch {
  /// Slots that start from the file.
  var matchedCount: Int { rows.count { $0.tensor != nil } }

  /// The whole table, a line a slot, and then what is left of the file; `adapter` has the slots that `lora.from` gives.
  package func table(adapter: Set<String> = []) -> [String] {
    var cells = [["slot", "shape", "tensor", "type"]]
    for row in rows {
      cells.append([
        row.slot.name, row.slot.shape.description,
        row.tensor.map { $0.name.shown() } ?? (adapter.contains(row.slot.name) ? "of lora.from" : "as its layer says"),
        row.tensor?.type.name ?? "",
      ])
    }
    let widths = cells[0].indices.map { column in cells.map { $0[column].count }.max() ?? 0 }
    let lines = cells.map { row in
      zip(row, widths).map { $0.padded(to: $1) }.joined(separator: "  ").replacing(/\ +$/, with: "")
    }
    guard !left.isEmpty else { return lines }
    return lines + ["left in the file:"] + left.map { "  \($0.name.shown()) \($0.shape) \($0.type)" }
  }

  /// A few lines: how many slots start from the file, those that do not, and how many tensors are left.
  func summary(of base: String, adapter: Set<String> = []) -> [String] {
    var lines = ["start-from \(base): \(grouped(matchedCount)) of \(count(rows.count, "slot")) start from it"]
    let own = rows.filter { $0.tensor == nil && !adapter.contains($0.slot.name) }.map(\.slot.name)
    if !own.isEmpty { lines.append("start as their layers say: \(Inspection.list(own))") }
    // Counters of batches are no parameters of anything.
    let others = left.filter { !$0.name.hasSuffix("num_batches_tracked") }
    if !others.isEmpty { lines.append("left in the file: \(Inspection.list(others.map(\.name)))") }
    return lines
  }
}
