import Diagnostics

extension Judgement {
  /// A table of the figures, for people: value, interval, what was judged beside, and the difference with its interval.
  ///
  /// ```
  ///                   value  95 % interval     class frequencies  difference
  /// accuracy         0.8047  0.7816 to 0.8272  0.7180             +0.0867 (+0.0631 to +0.1103)
  /// roc auc          0.8312  0.8041 to 0.8571  0.5000             +0.3312 (+0.3041 to +0.3571)
  /// ```
  ///
  /// Reasons stand where figures are not defined. Ends with a line break.
  public func table(beside name: String?, digits: Int = 4) -> String {
    func number(_ value: Double) -> String {
      abs(value) >= 1e7 || value != 0 && abs(value) < 1e-4 ? "\(Float(value))" : fixed(value, digits)
    }
    func signed(_ value: Double) -> String { (value < 0 ? "" : "+") + number(value) }
    func interval(_ interval: FigureInterval?, _ text: (Double) -> String) -> String {
      switch interval {
      case .bounds(let low, let high): "\(text(low)) to \(text(high))"
      case .refused(let reason): "none: \(reason)"
      case nil: ""
      }
    }
    var rows: [[String]] = [["", "value", "\(Int(confidence * 100)) % interval"]]
    if let name { rows[0] += [name, "difference"] }
    for (key, figure) in inOrder {
      var row = [key.replacing("-", with: " ")]
      switch figure.value {
      case .value(let value): row += [number(value), interval(figure.interval, number)]
      case .undefined(let reason): row += ["none", reason]
      }
      if name != nil {
        row.append(figure.beside?.value.map(number) ?? "none")
        let own = figure.difference.map(signed) ?? ""
        let bounds = figure.differenceInterval?.bounds.map { " (\(signed($0.low)) to \(signed($0.high)))" } ?? ""
        row.append(own + bounds)
      }
      rows.append(row)
    }
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      let cells = row.enumerated().map { $1.shown().padded(to: widths[$0]) }.joined(separator: "  ")
      return String(cells.reversed().drop { $0 == " " }.reversed()) + "\n"
    }.joined()
  }
}
