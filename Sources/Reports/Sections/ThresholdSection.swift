import Diagnostics
import Judging

/// What other thresholds would give, and whether probabilities can be believed.
struct ThresholdSection {
  let run: RunFacts

  /// Classes whose curves are drawn.
  private static let most = 6
  private static let whole = 0.0...1.0

  var markup: Markup {
    guard let best = run.best, !(best.curves.isEmpty && best.reliability.isEmpty) else { return .empty }
    let charts = [roc(best), precisionRecall(best), gain(best), reliability(best)].joined()
    return "\(threshold(best))<div class=\"charts\">\(charts)</div>\(table(best))"
  }

  private func threshold(_ best: Measurement) -> Markup {
    guard let one = best.curves.first, best.curves.count == 1 else {
      return "<p>The curves are of one class against all others, on \(RunFacts.rows(best)).</p>"
    }
    let how: Markup =
      best.threshold.map { "it is named from a probability of \(ReportedFigure.short($0.value)) on, \($0.how)" }
      ?? "the more probable class is named, which is a threshold of 0.5"
    return "<p>The curves are of \(Names.markup(one.name)), on \(RunFacts.rows(best)): \(how).</p>\(cost(best))"
  }

  /// What decisions cost, beside those that look at no row.
  private func cost(_ best: Measurement) -> Markup {
    guard let cost = best.cost else { return .empty }
    let interval: Markup = cost.value.intervalText.map { " (95 % interval \($0))" } ?? ""
    func text(_ value: Double) -> Markup { "\(ReportedFigure.text(value, decimals: cost.value.decimals))" }
    return """
      <p>Decided so, one of the \(RunFacts.rows(best)) costs <b>\(cost.value.text)</b> on average\(interval), where a false \
      alarm costs \(ReportedFigure.short(cost.falseAlarm)) and a miss \(ReportedFigure.short(cost.miss)): naming \
      \(Names.markup(cost.name)) of all of them would cost \(text(cost.always)), of none \(text(cost.never)).</p>
      """
  }

  private func chart(
    _ title: String, _ best: Measurement, _ points: (ClassCurves) -> [ClassCurves.Point], x: String, y: String,
    _ references: [LineChart.Reference], mark: (ClassCurves.AtThreshold) -> (x: Double?, y: Double?)
  ) -> Markup {
    let series = best.curves.prefix(Self.most).map { one in
      LineChart.Series(one.name, points(one).map { ($0.x, $0.y) })
    }
    var chart = LineChart(title, series)
    (chart.xName, chart.yName, chart.xRange, chart.yRange) = (x, y, Self.whole, Self.whole)
    chart.references = references
    if let one = best.curves.first, best.curves.count == 1,
      let at = one.thresholds.first(where: { $0.threshold == best.threshold?.value ?? 0.5 }), let x = mark(at).x,
      let y = mark(at).y
    {
      chart.marks = [("at the threshold", x, y)]
    }
    return chart.figure
  }

  private func roc(_ best: Measurement) -> Markup {
    chart(
      "ROC", best, { $0.roc }, x: "of the others, named falsely", y: "of the class, recognised (recall)",
      [.init("guessing", from: (0, 0), to: (1, 1))], mark: { ($0.falsePositiveRate, $0.recall) })
  }

  private func precisionRecall(_ best: Measurement) -> Markup {
    let share = best.curves.count == 1 ? best.curves.first?.share : nil
    return chart(
      "Precision and recall", best, { $0.precisionRecall }, x: "of the class, recognised (recall)",
      y: "of those named, right (precision)", share.map { [.init("guessing", from: (0, $0), to: (1, $0))] } ?? [],
      mark: { ($0.recall, $0.precision) })
  }

  private func gain(_ best: Measurement) -> Markup {
    chart(
      "Gain", best, { $0.gain }, x: "of all rows, the most probable first", y: "of the class, among them",
      [.init("guessing", from: (0, 0), to: (1, 1))], mark: { ($0.flagged, $0.recall) })
  }

  private func reliability(_ best: Measurement) -> Markup {
    guard best.reliability.count > 1 else { return .empty }
    var chart = LineChart(
      "Can probabilities be believed?",
      [LineChart.Series("measured", best.reliability.map { ($0.probability, $0.frequency) }, hasMarks: true)])
    chart.references = [.init("what is said comes true so often", from: (0, 0), to: (1, 1))]
    (chart.xName, chart.yName) = ("probability that was said", "how often it was so")
    (chart.xRange, chart.yRange) = (Self.whole, Self.whole)
    return chart.figure
  }

  /// What some thresholds would give.
  private func table(_ best: Measurement) -> Markup {
    guard best.curves.count == 1, let one = best.curves.first else { return .empty }
    var table = TableMarkup([
      "named from", "of the class, recognised", "of those named, right", "of the others, named falsely",
    ])
    let rows = max(1, Int(one.share * Double(best.rows)))
    func percent(_ value: Double, of rows: Int) -> Markup {
      "\(ReportedFigure(value, rows: rows, isShare: true).percent)"
    }
    for at in one.thresholds where ThresholdCurves.usualThresholds.contains(at.threshold) {
      guard let recall = at.recall, let falsely = at.falsePositiveRate else { continue }
      table.add([
        "\(ReportedFigure.text(at.threshold, decimals: 1))", percent(recall, of: rows),
        at.precision.map { percent($0, of: rows) } ?? "none is named",
        percent(falsely, of: max(1, best.rows - rows)),
      ])
    }
    return table.isEmpty ? .empty : "<h3>Other thresholds</h3>\(table.markup)"
  }
}
