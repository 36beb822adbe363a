import Diagnostics

/// How training went: losses and scores over the epochs.
struct CurvesSection {
  let runs: [RunFacts]

  /// Charts of scores, at most.
  private static let most = 8

  var markup: Markup {
    var charts = Markup.empty
    if runs.count == 1, let run = runs.first {
      charts = loss(of: run)
    } else {
      charts = chart("Training loss", "training-loss", yName: "loss")
    }
    let names = Set(runs.flatMap { $0.history.names }).sorted().filter { $0 != "training-loss" }
    let isSingle = runs.count == 1
    for name in names.filter({ !isSingle || !$0.hasSuffix("-loss") }).prefix(Self.most) {
      charts += chart(name.replacing("-", with: " "), name, yName: "")
    }
    if isSingle, let run = runs.first { charts += rate(of: run) }
    guard !charts.isEmpty else { return "<p>metrics.jsonl tells of no step yet.</p>" }
    return "\(isSingle ? lowest : .empty)<div class=\"charts\">\(charts)</div>"
  }

  private func loss(of run: RunFacts) -> Markup {
    let history = run.history
    var series: [LineChart.Series] = []
    let perEpoch = stepsPerEpoch(run)
    if let perEpoch, history.steps.count > 1 {
      let points = history.steps.map { (x: Double($0.step) / perEpoch, y: $0.loss) }
      series.append(LineChart.Series("single batches", points, isFaint: true))
    }
    series.append(LineChart.Series("training", history.curve("training-loss")))
    for name in history.names where name.hasSuffix("-loss") && name != "training-loss" {
      series.append(LineChart.Series(String(name.dropLast(5)), history.curve(name)))
    }
    var chart = LineChart("Loss", series)
    (chart.xName, chart.yName) = (history.epochs.isEmpty ? "step" : "epoch", "mean loss")
    // The first batches would squeeze all the rest.
    let whole = series.filter { !$0.isFaint }.flatMap { $0.points }.map(\.y).filter(\.isFinite)
    if let low = whole.min(), let high = whole.max(), whole.count > 1, low < high {
      chart.yRange =
        Axis(covering: [low - (high - low) * 0.15, high + (high - low) * 0.15].map { low >= 0 ? max(0, $0) : $0 }).range
    }
    return chart.figure
  }

  private func stepsPerEpoch(_ run: RunFacts) -> Double? {
    guard let last = run.history.steps.last, let epoch = run.history.epochs.last?.epoch, epoch > 0 else {
      return run.history.steps.isEmpty ? nil : 1
    }
    return Double(last.step) / Double(epoch)
  }

  private func chart(_ title: String, _ name: String, yName: String) -> Markup {
    let series = runs.map { run in
      LineChart.Series(
        runs.count == 1 ? title : run.name, run.history.curve(name), hasMarks: run.history.epochs.count < 20)
    }
    var chart = LineChart(title, series)
    (chart.xName, chart.yName) = ("epoch", yName)
    return chart.figure
  }

  private func rate(of run: RunFacts) -> Markup {
    guard run.history.steps.count > 1 else { return .empty }
    var chart = LineChart(
      "Learning rate", [LineChart.Series("Learning rate", run.history.steps.map { (Double($0.step), $0.rate) })])
    chart.xName = "step"
    return chart.figure
  }

  private var lowest: Markup {
    guard let run = runs.first, let last = run.history.epochs.last else { return .empty }
    var text: Markup = "<p>\(count(last.epoch, "epoch")) of \(run.epochs.map(grouped) ?? "an unknown number")."
    for name in run.history.names where name.hasSuffix("-loss") && name != "training-loss" {
      guard let lowest = run.history.lowest(name), let now = last.values[name], now.isFinite else { continue }
      let part = String(name.dropLast(5))
      text += """
         The \(part) loss was lowest behind epoch \(lowest.epoch), \(ReportedFigure.short(lowest.value)); it ended at \(ReportedFigure.short(now)).
        """
    }
    return text + "</p>"
  }
}
