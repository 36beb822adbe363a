import Lockstep

/// The slices of a target by a column, for people.
///
/// ```
/// Status by Home
///          rows  accuracy  95 % interval           from all rows  roc auc  95 % interval     from all rows
/// owner     431  0.8329    0.7973 to 0.8662        +0.0282        0.8375   0.7901 to 0.8792  +0.0152
/// parents     3  0.6667    none: 3 rows are too few  -0.1380      none     one class alone
/// ```
struct SliceText {
  private let slices: Slices
  private let target: JudgedTarget

  init(_ slices: Slices, of target: JudgedTarget) { (self.slices, self.target) = (slices, target) }

  /// The metrics that a row has room for: the usual ones of slices; where those say nothing, the first.
  private var keys: [String] {
    let usual = ["accuracy", "roc-auc", "mean-absolute-error", "root-mean-squared-error"]
    let known = target.judgement.order
    let own = usual.filter { known.contains($0) }
    return own.isEmpty ? Array(known.prefix(2)) : own
  }

  /// Ends with a line break.
  var text: String {
    var rows = [["", "rows"] + keys.flatMap { [$0.replacing("-", with: " "), "95 % interval", "from all rows"] }]
    for slice in slices.slices {
      rows.append([slice.value.shown(), grouped(slice.rows)] + keys.flatMap { cells($0, of: slice) })
    }
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    let name = target.name.map { "\($0.shown()) by " } ?? "by "
    var text = name + slices.column.shown() + "\n"
    for row in rows {
      let cells = row.enumerated().map { place, cell in
        place == 1 ? String(repeating: " ", count: widths[1] - cell.count) + cell : cell.padded(to: widths[place])
      }
      let line = cells.joined(separator: "  ")
      text += String(line.reversed().drop { $0 == " " }.reversed()) + "\n"
    }
    let small = slices.slices.count { $0.isSmall }
    if small > 0 {
      text += "\(count(small, "slice")) of fewer than \(Slices.small) rows: intervals are wide, and tell little\n"
    }
    if slices.omitted > 0 {
      text += "\(count(slices.omitted, "value")) of fewer rows left out, with \(count(slices.omittedRows, "row"))\n"
    }
    return text
  }

  private func cells(_ key: String, of slice: Slices.Slice) -> [String] {
    guard let figure = slice.judgement.figures[key] else { return ["none", "", ""] }
    switch figure.value {
    case .undefined(let reason): return ["none", reason, ""]
    case .value(let value):
      let all = target.judgement.figures[key]?.value.value
      let difference = all.map { (value < $0 ? "" : "+") + figureText(value - $0) } ?? ""
      return [figureText(value), figure.interval?.text() ?? "", difference]
    }
  }
}

/// The same as JSON, each slice with how much greater its figures are than those of all rows.
struct SlicesBesideAll: Encodable {
  let slices: Slices
  let all: Judgement

  private enum Key: String, CodingKey {
    case column, slices, omitted
    case omittedRows = "omitted-rows"
  }

  private struct Slice: Encodable {
    let slice: Slices.Slice
    let all: Judgement

    private enum Key: String, CodingKey {
      case value, rows
      case isSmall = "is-small"
      case differences = "difference-from-all"
    }

    func encode(to encoder: any Encoder) throws {
      try slice.judgement.encode(to: encoder)
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(slice.value, forKey: .value)
      try container.encode(slice.rows, forKey: .rows)
      try container.encode(slice.isSmall, forKey: .isSmall)
      var differences: [String: Double] = [:]
      for (key, figure) in slice.judgement.figures {
        guard let own = figure.value.value, let its = all.figures[key]?.value.value else { continue }
        differences[key] = own - its
      }
      try container.encode(differences, forKey: .differences)
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(slices.column, forKey: .column)
    try container.encode(slices.slices.map { Slice(slice: $0, all: all) }, forKey: .slices)
    try container.encode(slices.omitted, forKey: .omitted)
    try container.encode(slices.omittedRows, forKey: .omittedRows)
  }
}
