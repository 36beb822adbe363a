import Diagnostics

extension PreparedTable {
  /// What was read, what was set aside, and what came of it: lines of text.
  package func report(_ settings: TableSettings) -> String {
    let aside = summary.aside
    var lines = ["\(grouped(aside.read)) rows of \(summary.sources.count) file\(summary.sources.count == 1 ? "" : "s")"]
    if aside.faulty > 0 {
      lines.append("\(grouped(aside.faulty)) set aside, with reasons in \(directory)/quarantine.csv")
      lines += aside.examples.map { "  \($0)" }
    }
    if let filtered = aside.filtered {
      lines.append("\(grouped(filtered)) left out by the filter \(settings.rows.filter?.text ?? "")".shown())
    }
    if let duplicates = aside.duplicates {
      lines.append("\(grouped(duplicates)) left out that are equal to rows before them")
    }
    lines += aside.incomplete.sorted { $0.key < $1.key }.map { "\(grouped($1)) passed over without a value of '\($0)'" }
    if settings.leakCheck != .off { lines += summary.leaks.map { "warning: \($0)" } }
    let parts = Part.allCases.compactMap { part in
      summary.rows["\(part)"].flatMap { $0 > 0 ? "\(part) \(grouped($0))" : nil }
    }
    if let resample = settings.resample, let all = summary.drawnFrom {
      lines.append(
        "\(grouped(all)) training rows, of which each class has as many by \(resample.rawValue): \(grouped(summary.rows["train"] ?? 0))"
      )
    }
    lines.append("rows: \(parts.joined(separator: ", "))")
    if let weight = settings.weight { lines.append("rows weigh in the loss as '\(weight)' says") }
    lines.append("features: \(grouped(featureNames.count)), fitted to training rows alone")
    for (column, fitted) in zip(settings.columns, preparation.columns) {
      if let note = column.kind.note(fitted.fitted) { lines.append("column '\(column.name)': \(note)") }
    }
    if let classes = preparation.classes {
      let names = classes.prefix(8).joined(separator: ", ")
      lines.append("classes: \(names)\(classes.count > 8 ? " and \(classes.count - 8) more" : "")".shown())
    }
    lines.append("prepared in \(directory), digest \(summary.prepared)")
    return lines.joined(separator: "\n") + "\n"
  }
}
