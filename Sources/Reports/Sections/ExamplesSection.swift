import Diagnostics

/// Rows that were predicted worst and best: what was said, what is true, and what their columns hold.
struct ExamplesSection {
  let run: RunFacts

  var markup: Markup {
    guard let best = run.best, let examples = best.examples, !examples.worst.isEmpty else { return .empty }
    let isOfNumbers = examples.worst[0].error != nil
    let worst: Markup = isOfNumbers ? "farthest from the truth" : "the truth was least probable"
    let good: Markup = isOfNumbers ? "nearest to the truth" : "the truth was most probable"
    return """
      <p class="note">\(best.unit.capitalized) are counted from 1, in the order of the data, among the \(RunFacts.rows(best)). \(columns(examples, best))</p>
      <h3>Worst \(best.unit): \(worst)</h3>\(cards(examples.worst, best))\
      <h3>Best \(best.unit): \(good)</h3>\(cards(examples.best, best))
      """
  }

  private func columns(_ examples: ExampleRows, _ best: Measurement) -> Markup {
    if let unread = best.unread { return "\(unread)." }
    let shown = examples.worst.first?.values.count ?? 0
    guard shown > 0, examples.omitted > 0 else { return "" }
    let which: Markup = best.importance.isEmpty ? "the first" : "those that matter most"
    return "Of \(grouped(shown + examples.omitted)) columns \(grouped(shown)) are shown, \(which)."
  }

  private func cards(_ rows: [ExampleRows.Row], _ best: Measurement) -> Markup {
    "<ul class=\"rows\">\(rows.map { card($0, best) })</ul>"
  }

  private func card(_ row: ExampleRows.Row, _ best: Measurement) -> Markup {
    let cells = row.values.map { column, text -> Markup in
      let value: Markup = text.map { Names.markup($0, most: 24) } ?? "<i>missing</i>"
      return "<span class=\"cell\"><span class=\"kind\">\(Names.markup(column, most: 24))</span> \(value)</span> "
    }
    let list: Markup = cells.isEmpty ? "" : "<div class=\"cells\">\(cells)</div>"
    return """
      <li>\(picture(row))<p><span class="sub">\(best.unit.dropLast().description) \(grouped(row.place))</span> \(words(row))</p>\(list)</li>

      """
  }

  private func picture(_ row: ExampleRows.Row) -> Markup {
    guard let picture = row.picture else { return "" }
    return "<img class=\"sample\" src=\"\(picture.link)\" alt=\"what it looks like\" width=\"\(picture.width)\"/>"
  }

  private func words(_ row: ExampleRows.Row) -> Markup {
    if let error = row.error {
      let off = ReportedFigure.short(abs(error), digits: 3)
      let side: Markup = error == 0 ? "exact" : "\(off) too \(error > 0 ? "high" : "low")"
      return "predicted <b>\(row.prediction)</b>, true <b>\(row.truth)</b>: \(side)"
    }
    let (truth, said) = (Names.markup(row.truth, most: 28), Names.markup(row.prediction, most: 28))
    guard let probability = row.probability else { return "predicted <b>\(said)</b>, true <b>\(truth)</b>" }
    func percent(_ value: Double) -> String {
      if value > 0, value < 0.0005 { return "under 0.1 %" }
      return value < 1 && value > 0.9995 ? "over 99.9 %" : "\(ReportedFigure.text(100 * value, decimals: 1)) %"
    }
    if row.truth == row.prediction { return "rightly <b>\(said)</b>, by \(percent(probability.ofTruth))" }
    return """
      predicted <b>\(said)</b> by \(percent(probability.ofPrediction)), true <b>\(truth)</b>, which was given \
      \(percent(probability.ofTruth))
      """
  }
}
