import Diagnostics
import Lockstep

/// What the model comes to with whole numbers of 8 bits, beside what it was trained as.
struct QuantisationSection {
  let quantisation: Quantisation?

  var markup: Markup {
    guard let quantisation else { return .empty }
    var table = TableMarkup(["", "as trained", "8 bits"])
    for row in quantisation.rows() { table.add(["\(row.name)", "\(row.floats)", "\(row.bytes)"]) }
    let rows: Markup =
      quantisation.comparison.map { "<p>On \(grouped($0.rows)) rows of \(Names.brief($0.data)):</p>" } ?? .empty
    return """
      <p>\(quantisation.summary).</p>
      \(rows)\(table.markup)<p>Predictions use it where <code>--int8</code> is said; its digest is \
      <code>\(quantisation.digest)</code>.</p>
      """
  }
}
