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

  /// What columns of numbers of rows are called.
  private func unit(_ facts: ClassFacts) -> Markup { facts.isWeighted ? "weight" : "rows" }

  private func scores(_ facts: ClassFacts) -> Markup {
    let present = facts.names.indices.filter { facts.support(of: $0) > 0 }
    let sorted = present.map { (place: $0, recall: facts.recall(of: $0)) }
    let shown =
      sorted.count <= Self.most
      ? sorted : Array(sorted.sorted { ($0.recall, $0.place) < ($1.recall, $1.place) }.prefix(Self.most))
    var table = TableMarkup([
      "class", "\(unit(facts))", "recognised<br/><span class=\"sub\">recall</span>",
      "right when named<br/><span class=\"sub\">precision</span>", "f1",
    ])
    let support = shown.map { facts.support(of: $0.place) }
    let named = shown.map { facts.predicted(of: $0.place) }
    let recalls = ReportedFigure.percents(
      zip(shown, support).map { ReportedFigure($0.recall, rows: ClassFacts.rows($1), isShare: true) })
    let precisions = ReportedFigure.percents(
      zip(shown, named).map {
        ReportedFigure(facts.precision(of: $0.place), rows: max(1, ClassFacts.rows($1)), isShare: true)
      })
    let f1 = shown.map { facts.f1(of: $0.place) }
    let decimals =
      zip(f1, support).map { ReportedFigure($0, rows: ClassFacts.rows($1), isShare: true).decimals }.min() ?? 3
    for (row, one) in shown.enumerated() {
      table.add([
        Names.markup(facts.names[one.place]), "\(ClassFacts.amount(support[row]))", "\(recalls[row])",
        named[row] > 0 ? "\(precisions[row])" : "never named",
        "\(ReportedFigure.text(f1[row], decimals: decimals))",
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
    let wrong = all.reduce(0) { $0 + $1.weight }
    var table = TableMarkup(["true", "taken for", "\(unit(facts))", "of all mistakes"])
    for (truth, prediction, weight) in all.prefix(12) {
      table.add([
        Names.markup(facts.names[truth], most: 28), Names.markup(facts.names[prediction], most: 28),
        "\(ClassFacts.amount(weight))", "\(ReportedFigure.text(100 * weight / wrong, decimals: 1)) %",
      ])
    }
    let more: Markup = all.count > 12 ? "<p class=\"note\">The 12 most frequent of \(grouped(all.count)).</p>" : ""
    let head: Markup =
      facts.isWeighted ? "Mistakes: a weight of \(ClassFacts.amount(wrong))" : "\(ClassFacts.amount(wrong)) mistakes"
    return "<h3>\(head)</h3>\(table.markup)\(more)"
  }
}
