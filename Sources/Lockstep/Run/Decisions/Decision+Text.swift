import Diagnostics
import Judging

extension Decision {
  /// What was fitted and what comes of it on the rows that it was fitted on, line by line, for people: `threshold`, `0.3718 for bad`.
  ///
  /// - Parameter part: what these rows are called; empty where that is told already.
  package func rows(of part: String) -> [(name: String, value: String)] {
    var rows: [(name: String, value: String)] = []
    let on = part.isEmpty ? "" : ", by \(count(self.rows, "\(part) row"))"
    switch calibration {
    case .temperature(let scaling): rows.append(("temperature", fixed(scaling.temperature, 4) + on))
    case .isotonic(let isotonic):
      rows.append(("isotonic", count(isotonic.functions.reduce(0) { $0 + $1.xs.count }, "point") + on))
    case nil: break
    }
    guard let threshold else { return rows }
    let name = threshold.name.shown()
    let isNever = threshold.threshold >= FittedThreshold.never
    rows.append(
      (
        "threshold",
        (isNever ? "none: \(name) is never predicted" : "\(fixed(threshold.threshold, 4)) for \(name)") + on
      ))
    let precision = threshold.precision.value.map { fixed($0, 4) } ?? "none: no row reaches it"
    // Beside scores of the same names, which are those of all classes.
    let own = part.isEmpty ? "" : " of \(name)"
    rows.append(("precision\(own)", precision))
    rows.append(("recall\(own)", fixed(threshold.recall, 4)))
    rows.append(("f1\(own)", fixed(threshold.f1, 4)))
    guard let cost = threshold.cost else { return rows }
    var text = fixed(cost, 4)
    if let always = threshold.costOfAlways, let never = threshold.costOfNever {
      text += "; always \(name) \(fixed(always, 4)), never \(fixed(never, 4))"
    }
    rows.append(("cost of a row", text))
    return rows
  }
}
