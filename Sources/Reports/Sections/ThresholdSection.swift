import Diagnostics

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
    return "<p>The curves are of \(Names.markup(one.name)), on \(RunFacts.rows(best)): \(how).</p>"
  }

  private func chart(
    _ title: String, _ best: Measurement, _ points: (ClassCurves) -> [ClassCurves.Point], x: String, y: String,
    _ references: [LineChart.Reference]
  ) -> Markup {
    let series = best.curves.prefix(Self.most).map { one in
      LineChart.Series(one.name, points(one).map { ($0.x, $0.y) })
    }
    var chart = LineChart(title, series)
    (chart.xName, chart.yName, chart.xRange, chart.yRange) = (x, y, Self.whole, Self.whole)
    chart.references = references
    if let one = best.curves.first, best.curves.count == 1,
      let point = Self.point(of: points(one), at: best.threshold?.value ?? 0.5)
    {
      chart.marks = [("at the threshold", point.x, point.y)]
    }
    return chart.figure
  }

  private func roc(_ best: Measurement) -> Markup {
    chart(
      "ROC", best, { $0.roc }, x: "of the others, named falsely", y: "of the class, recognised (recall)",
      [.init("guessing", from: (0, 0), to: (1, 1))])
  }

  private func precisionRecall(_ best: Measurement) -> Markup {
    let share = best.curves.count == 1 ? best.curves.first?.share : nil
    return chart(
      "Precision and recall", best, { $0.precisionRecall }, x: "of the class, recognised (recall)",
      y: "of those named, right (precision)", share.map { [.init("guessing", from: (0, $0), to: (1, $0))] } ?? [])
  }

  private func gain(_ best: Measurement) -> Markup {
    chart(
      "Gain", best, { $0.gain }, x: "of all rows, the most probable first", y: "of the class, among them",
      [.init("guessing", from: (0, 0), to: (1, 1))])
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

  /// The last point of a curve, by falling thresholds, whose threshold is not below a probability.
  static func point(of points: [ClassCurves.Point], at threshold: Double) -> ClassCurves.Point? {
    points.filter { ($0.threshold ?? -1) >= threshold }.min { $0.threshold! < $1.threshold! }
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
    for threshold in [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9] {
      guard let roc = Self.point(of: one.roc, at: threshold),
        let other = Self.point(of: one.precisionRecall, at: threshold)
      else { continue }
      table.add([
        "\(ReportedFigure.text(threshold, decimals: 1))", percent(roc.y, of: rows), percent(other.y, of: rows),
        percent(roc.x, of: max(1, best.rows - rows)),
      ])
    }
    return table.isEmpty ? .empty : "<h3>Other thresholds</h3>\(table.markup)"
  }
}
