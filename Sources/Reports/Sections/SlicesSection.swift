import Diagnostics

/// For whom figures are worse, and which columns they rest on.
struct SlicesSection {
  let run: RunFacts

  private static let most = 12

  var slices: Markup {
    guard let best = run.best else { return .empty }
    let tables = best.slices.prefix(Self.most).map { table($0, best) }.filter { !$0.isEmpty }
    return tables.isEmpty ? .empty : "<div class=\"charts slices\">\(tables)</div>"
  }

  private func table(_ one: SliceTable, _ best: Measurement) -> Markup {
    guard let first = one.slices.first else { return .empty }
    let names = first.scores.prefix(6).map(\.name)
    var table = TableMarkup(["\(Names.brief(one.column))", "rows"] + names.map { "\($0)" })
    for slice in one.slices.prefix(30) {
      let cells = names.map { name in slice.scores.first { $0.name == name }.map { $0.cell } ?? "" }
      let small: Markup = slice.isSmall ? "<br/><span class=\"sub\">too few to say much</span>" : ""
      table.add([Names.markup(slice.value), "\(grouped(slice.rows))\(small)"] + cells)
    }
    let left = one.omitted + max(0, one.slices.count - 30)
    let more: Markup = left > 0 ? "<p class=\"note\">\(count(left, "value")) of fewer rows left out.</p>" : ""
    return "<div><h3>By \(Names.markup(one.column)), on \(RunFacts.rows(best))</h3>\(table.markup)\(more)</div>"
  }

  var importance: Markup {
    guard let best = run.best, !best.importance.isEmpty else { return .empty }
    let name = best.importanceOf
    let bars = best.importance.map { BarChart.Bar($0.column, $0.figure) }
    let chart = BarChart("How much worse \(name) is without a column", bars)
    let rows: Markup =
      0 < best.importanceRows && best.importanceRows < best.rows
      ? "\(grouped(best.importanceRows)) of the \(RunFacts.rows(best)), evenly among them" : "\(RunFacts.rows(best))"
    return """
      <p>The values of one column after the other were shuffled among \(rows): what \(name) loses is what \
      the model takes from it.</p><div class="charts">\(chart.figure)</div>
      """
  }
}
