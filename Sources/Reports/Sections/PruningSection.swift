import Diagnostics
import Lockstep

/// How many of a pruned model's weights are zeros, by slot.
struct PruningSection {
  let slots: [PrunedSlot]?

  var markup: Markup {
    guard let slots else { return .empty }
    var table = TableMarkup(["slot", "weights", "zeros", "share"])
    for slot in slots {
      table.add([
        "\(Names.brief(slot.slot))", "\(grouped(slot.weights))", "\(grouped(slot.zeros))",
        "\(fixed(100 * slot.share, 1)) %",
      ])
    }
    return "<p>What was pruned is zero, and stays so:</p>\n\(table.markup)"
  }
}
