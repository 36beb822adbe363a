import Diagnostics
import Tables

extension PreparedFiles {
  /// What was read and what was set aside, how many each part has, what a sample is, and the classes: lines of text.
  ///
  /// - Parameter samples: as many lines about samples as there are.
  func reportLines(_ kind: ListedKind, samples: [String]) -> [String] {
    let aside = summary.aside
    var lines = [
      "\(count(aside.read, kind.noun)) of \(summary.sources.map { $0.prefix { $0 != " " } }.joined(separator: ", "))"
    ]
    if aside.faulty > 0 {
      lines.append("\(grouped(aside.faulty)) set aside, with reasons in \(directory)/quarantine.csv")
      lines += aside.examples.map { "  \($0)" }
    }
    lines += aside.incomplete.sorted { $0.key < $1.key }.map { "\(grouped($1)) passed over without a value of '\($0)'" }
    lines.append("\(kind.plural): \(Self.told(summary.rows))")
    lines += samples
    if let classes = fitted.classes {
      let names = classes.prefix(8).joined(separator: ", ")
      lines.append("classes: \(names)\(classes.count > 8 ? " and \(classes.count - 8) more" : "")".shown())
    }
    return lines
  }

  /// `train 1,900, test 547`
  static func told(_ counts: [String: Int]) -> String {
    Part.allCases.compactMap { part in
      counts["\(part)"].flatMap { $0 > 0 ? "\(part) \(grouped($0))" : nil }
    }.joined(separator: ", ")
  }
}
