import Diagnostics

/// Which class is recognised how well, and taken for which.
struct ClassesSection {
  let run: RunFacts

  /// Classes that have a row, at most: of more, those that are recognised least.
  private static let most = 40

  var markup: Markup {
    guard let best = run.best, let facts = best.classes else { return .empty }
    let classes = facts.names.count
    var picture = Markup.empty
    if classes <= HeatMap.most {
      let counts = (0..<classes * classes).map { facts.pairs[$0] ?? 0 }
      picture = HeatMap("Confusion on \(RunFacts.rows(best))", classes: facts.names, counts: counts).figure
    } else {
      picture = "<p class=\"note\">A picture of \(grouped(classes)) classes could not be read: see the mistakes.</p>"
    }
    return "<div class=\"charts\">\(picture)<div>\(mistakes(facts))</div></div>\n\(scores(facts))"
  }

  private func scores(_ facts: ClassFacts) -> Markup {
    let present = facts.names.indices.filter { facts.counts.support(of: $0) > 0 }
    let sorted = present.map { (place: $0, scores: facts.counts.scores(of: $0)) }
    let shown =
      sorted.count <= Self.most
      ? sorted : Array(sorted.sorted { ($0.scores.recall, $0.place) < ($1.scores.recall, $1.place) }.prefix(Self.most))
    var table = TableMarkup([
      "class", "rows", "recognised<br/><span class=\"sub\">recall</span>",
      "right when named<br/><span class=\"sub\">precision</span>", "f1",
    ])
    for (place, scores) in shown {
      let recall = Figure.share(scores.recall, of: Int(scores.support))
      let named = Int(facts.counts.predicted(of: place))
      let precision: Markup = named > 0 ? "\(Figure.share(scores.precision, of: named).percent)" : "never named"
      table.add([
        Names.markup(facts.names[place]), "\(grouped(Int(scores.support)))", "\(recall.percent)", precision,
        "\(Figure(scores.f1, rows: Int(scores.support), isShare: true).text)",
      ])
    }
    var note = Markup.empty
    if shown.count < sorted.count {
      note += "<p class=\"note\">The \(shown.count) that are recognised least, of \(grouped(sorted.count)).</p>"
    }
    if present.count < facts.names.count {
      note += "<p class=\"note\">\(grouped(facts.names.count - present.count)) classes have no row here.</p>"
    }
    return "<h3>Each class</h3>\(table.markup)\(note)"
  }

  private func mistakes(_ facts: ClassFacts) -> Markup {
    let all = facts.mistakes
    guard !all.isEmpty else { return "<p>No row was predicted wrong.</p>" }
    let wrong = all.reduce(0) { $0 + $1.count }
    var table = TableMarkup(["true", "taken for", "rows", "of all mistakes"])
    for (truth, prediction, count) in all.prefix(12) {
      table.add([
        Names.markup(facts.names[truth], most: 28), Names.markup(facts.names[prediction], most: 28),
        "\(grouped(count))", "\(Figure(Double(count) / Double(wrong), rows: wrong, isShare: true).percent)",
      ])
    }
    let more: Markup = all.count > 12 ? "<p class=\"note\">The 12 most frequent of \(grouped(all.count)).</p>" : ""
    return "<h3>\(grouped(wrong)) mistakes</h3>\(table.markup)\(more)"
  }
}
