import Diagnostics
import Lockstep

/// What a model has become by being cut, beside what it was.
struct ShrinkingSection {
  let shrinking: Shrinking?

  var markup: Markup {
    guard let shrinking else { return .empty }
    var table = TableMarkup(["", "as trained", "cut"])
    for row in shrinking.rows() { table.add(["\(row.name)", "\(row.before)", "\(row.after)"]) }
    let rows: Markup =
      shrinking.comparison.map { "<p>On \(grouped($0.rows)) rows of \(Names.brief($0.data)):</p>" } ?? .empty
    return """
      <p>Outputs of layers that were pruned are cut out: \(shrinking.summary). It was made of the weights \
      <code>\(shrinking.of)</code>.</p>
      \(rows)\(table.markup)
      """
  }
}
