import Diagnostics

extension PreparedPictures {
  /// What was read, what was set aside, and what came of it: lines of text.
  package func report(_ settings: PictureSettings) -> String {
    let aside = summary.aside
    var lines = [
      "\(count(aside.read, "picture")) of \(summary.sources.map { $0.prefix { $0 != " " } }.joined(separator: ", "))"
    ]
    if aside.faulty > 0 {
      lines.append("\(grouped(aside.faulty)) set aside, with reasons in \(directory)/quarantine.csv")
      lines += aside.examples.map { "  \($0)" }
    }
    lines += aside.incomplete.sorted { $0.key < $1.key }.map { "\(grouped($1)) passed over without a value of '\($0)'" }
    let parts = Part.allCases.compactMap { part in
      summary.rows["\(part)"].flatMap { $0 > 0 ? "\(part) \(grouped($0))" : nil }
    }
    lines.append("pictures: \(parts.joined(separator: ", "))")
    lines.append(
      "samples: \(fitted.height)×\(fitted.width) \(fitted.channels), decoded by \(fitted.decoder)")
    if let classes = fitted.classes {
      let names = classes.prefix(8).joined(separator: ", ")
      lines.append("classes: \(names)\(classes.count > 8 ? " and \(classes.count - 8) more" : "")".shown())
    }
    let bytes = byteText(Double(summary.shards.reduce(0, +)))
    lines.append("\(bytes) in \(count(summary.shards.count, "shard")) in \(directory), digest \(summary.prepared)")
    return lines.joined(separator: "\n") + "\n"
  }
}
