import Diagnostics

/// Words that sections share.
extension RunFacts {
  /// `891 test rows`
  static func rows(_ measurement: Measurement) -> String {
    "\(grouped(measurement.rows)) \(measurement.part) \(measurement.unit)"
  }

  /// What is predicted, for a sentence: `Status`.
  var target: Markup {
    targets.isEmpty ? "the target" : targets.count > 3 ? "\(count(targets.count, "target"))" : Names.list(targets)
  }
}

extension Measurement.Score {
  /// `80.5 %` of accuracy, else the number.
  var shown: String { name == "accuracy" ? figure.percent : figure.text }

  /// The number, its interval below it; or why there is none.
  var cell: Markup {
    if let reason { return "<span class=\"kind\">undefined: \(Names.brief(reason, most: 80))</span>" }
    let interval: Markup = shownInterval.map { "<br/><span class=\"sub\">\($0)</span>" } ?? ""
    return "\(shown)\(interval)"
  }

  /// The interval in the same form.
  var shownInterval: String? {
    guard let interval = figure.interval else { return nil }
    guard name == "accuracy" else { return figure.intervalText }
    func percent(_ value: Double) -> String { ReportedFigure.text(100 * value, decimals: max(0, figure.decimals - 2)) }
    return "\(percent(interval.lowerBound)) to \(percent(interval.upperBound)) %"
  }

  func shown(_ value: Double) -> String {
    var other = figure
    (other.value, other.interval) = (value, nil)
    let decimals = figure.decimals
    return name == "accuracy"
      ? "\(ReportedFigure.text(100 * value, decimals: max(0, decimals - 2))) %"
      : ReportedFigure.text(value, decimals: decimals)
  }
}
