import Diagnostics

/// The data that a run was trained on: where they come from, how they were divided, what was set aside, and each column.
struct DataSection {
  let run: RunFacts

  /// Columns that have a row.
  private static let most = 200

  var markup: Markup {
    guard let data = run.data else { return .empty }
    return rows(data) + aside(data) + leaks(data) + sources(data) + columns(data)
  }

  private func rows(_ data: DataFacts) -> Markup {
    guard !data.rows.isEmpty else { return .empty }
    let all = data.rows.reduce(0) { $0 + $1.count }
    let uses = [
      "train": "fits the model, and all statistics of columns", "validation": "watches training",
      "test": run.isChosenByTest ? "chooses the best epoch, and measures it" : "measures the model, once, at the end",
    ]
    var table = TableMarkup(["rows", "number", "share", "<span class=\"kind\">what they are for</span>"])
    for (part, count) in data.rows where count > 0 {
      let share = Double(count) / Double(max(1, all))
      table.add([
        "\(part)", "\(grouped(count))", "\(ReportedFigure.text(100 * share, decimals: 1)) %",
        "<span class=\"kind\">\(uses[part] ?? "")</span>",
      ])
    }
    let how: Markup = data.split.isEmpty ? "" : "<p>Divided by <code>\(Names.brief(data.split, most: 200))</code>.</p>"
    let drawn: Markup =
      data.drawnFrom.map { "<p>Training rows were drawn from \(grouped($0)), so that each class has as many.</p>" }
      ?? ""
    return how + table.markup + drawn
  }

  private func aside(_ data: DataFacts) -> Markup {
    guard let aside = data.aside else { return .empty }
    var lines: [Markup] = []
    if aside.faulty > 0 { lines.append("\(grouped(aside.faulty)) could not be used") }
    if let filtered = aside.filtered { lines.append("\(grouped(filtered)) left out by the filter") }
    if let duplicates = aside.duplicates { lines.append("\(grouped(duplicates)) left out that are equal to others") }
    let incomplete = aside.incomplete.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    lines += incomplete.prefix(10).map { "\(grouped($0.value)) without a value of \(Names.markup($0.key))" }
    if incomplete.count > 10 {
      lines.append("… and others without a value in \(grouped(incomplete.count - 10)) columns more")
    }
    guard !lines.isEmpty else { return "<p>All \(grouped(aside.read)) rows that were read are used.</p>" }
    let examples = aside.examples.prefix(5).map { "<li><code>\(Names.brief($0, most: 200))</code></li>" as Markup }
    let list: Markup = examples.isEmpty ? "" : "<ul>\(examples)</ul>"
    return "<p>Of \(grouped(aside.read)) rows that were read: \(lines.joined(by: "; ")).</p>\(list)"
  }

  private func leaks(_ data: DataFacts) -> Markup {
    guard !data.rows.isEmpty else { return .empty }
    guard !data.leaks.isEmpty else {
      return run.setting("data.table.leak-check") == "off"
        ? "<p class=\"warning\">Nobody looked for leaks: leak-check is off.</p>"
        : "<p>No leak was found: no column tells the target, and no row stands in several parts.</p>"
    }
    let lines = data.leaks.prefix(12).map {
      "<p class=\"warning\">Possible leak: \(Names.brief($0, most: 400))</p>" as Markup
    }
    let more: Markup = data.leaks.count > 12 ? "<p>… and \(grouped(data.leaks.count - 12)) more.</p>" : ""
    return lines.joined() + more
  }

  private func sources(_ data: DataFacts) -> Markup {
    guard !data.sources.isEmpty else { return .empty }
    let lines = data.sources.prefix(20).map { "<li><code>\(Names.brief($0, most: 200))</code></li>" as Markup }
    let more: Markup = data.sources.count > 20 ? "<li>… \(grouped(data.sources.count)) in all</li>" : ""
    return "<h3>Files, with their digests</h3><ul>\(lines)\(more)</ul>"
  }

  // MARK: Columns

  private func columns(_ data: DataFacts) -> Markup {
    guard !data.columns.isEmpty else { return .empty }
    var table = TableMarkup(
      ["column", "kind", "missing", "values of training rows", "distribution"], kind: "words stack")
    for column in data.columns.prefix(Self.most) {
      let missing: Markup = column.missing.map { share in share == 0 ? "none" : "\(Self.percent(share))" } ?? ""
      table.add([
        Names.markup(column.name), "\(column.kind)", missing, Self.values(column), Self.picture(column),
      ])
    }
    let more: Markup =
      data.columns.count > Self.most
      ? "<p class=\"note\">The first \(Self.most) columns of \(grouped(data.columns.count)).</p>" : ""
    let predicted: Markup = data.targets.isEmpty ? "" : " Predicted: \(Names.list(data.targets))."
    return """
      <h3>\(count(data.columns.count, "column")) to predict from</h3>
      <p class="note">As the training rows are.\(predicted)</p>
      \(table.markup)\(more)
      """
  }

  /// `0.2 %`, and `under 0.1 %` of less.
  private static func percent(_ share: Double) -> String {
    share < 0.001 ? "under 0.1 %" : "\(ReportedFigure.text(100 * share, decimals: 1)) %"
  }

  private static func values(_ column: DataFacts.Column) -> Markup {
    if let least = column.least, let largest = column.largest {
      func text(_ value: Double) -> String {
        column.isDate ? dayText(microseconds: value) : ReportedFigure.short(value)
      }
      var words: Markup = "\(text(least)) to \(text(largest))"
      if let median = column.median { words += ", median \(text(median))" }
      if let mean = column.mean { words += ", mean \(text(mean))" }
      return words
    }
    guard !column.words.isEmpty else {
      return column.vocabulary.map { "\(grouped($0)) words" } ?? ""
    }
    let sorted = column.words.indices.sorted { (column.shares[$1], $0) < (column.shares[$0], $1) }
    let first = sorted.prefix(4).map { place -> Markup in
      "\(Names.markup(column.words[place], most: 24)) \(percent(column.shares[place]))"
    }
    let all = max(column.vocabulary ?? 0, column.words.count)
    let more: Markup = all > 4 ? ", … (\(grouped(all)) words)" : ""
    return first.joined(by: ", ") + more
  }

  private static func picture(_ column: DataFacts.Column) -> Markup {
    let title = "Distribution of \(Names.brief(column.name))"
    if column.bounds.count > 1, column.shares.count + 1 == column.bounds.count {
      return Histogram(bounds: column.bounds, shares: column.shares).spark(title)
    }
    return Histogram.words(title, shares: column.shares)
  }
}

/// `2024-02-29` of microseconds since 1970-01-01: days are counted from the 1st of March of a year that 400 divides (Howard
/// Hinnant, chrono-compatible low-level date algorithms).
package func dayText(microseconds: Double) -> String {
  guard microseconds.isFinite, abs(microseconds) < 1e19 else { return "no date" }
  let days = Int((microseconds / 86_400e6).rounded(.down)) + 719_468
  let era = (days >= 0 ? days : days - 146_096) / 146_097
  let day = days - era * 146_097
  let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365
  let ofYear = day - (365 * year + year / 4 - year / 100)
  let month = (5 * ofYear + 2) / 153
  let (number, last) = (month < 10 ? month + 3 : month - 9, ofYear - (153 * month + 2) / 5 + 1)
  let whole = year + era * 400 + (number <= 2 ? 1 : 0)
  func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
  return "\(whole)-\(two(number))-\(two(last))"
}
