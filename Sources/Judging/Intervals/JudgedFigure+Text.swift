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
    func number(_ value: Double) -> String { figureText(value, digits: digits) }
    func signed(_ value: Double) -> String { (value < 0 ? "" : "+") + number(value) }
    var rows: [[String]] = [["", "value", "\(Int(confidence * 100)) % interval"]]
    if let name { rows[0] += [name, "difference"] }
    for (key, figure) in inOrder {
      var row = [key.replacing("-", with: " ")]
      switch figure.value {
      case .value(let value): row += [number(value), figure.interval?.text(digits: digits) ?? ""]
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

/// A figure for people: very large and very small ones as floats are told, others with so many digits behind the point.
package func figureText(_ value: Double, digits: Int = 4) -> String {
  abs(value) >= 1e7 || value != 0 && abs(value) < 1e-4 ? "\(Float(value))" : fixed(value, digits)
}

extension FigureInterval {
  /// `0.7816 to 0.8272`, `none: 3 rows are too few`
  package func text(digits: Int = 4) -> String {
    switch self {
    case .bounds(let low, let high): "\(figureText(low, digits: digits)) to \(figureText(high, digits: digits))"
    case .refused(let reason): "none: \(reason)"
    }
  }
}
