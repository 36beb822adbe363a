import Configuration
import Diagnostics
import Files
import Formats
import Foundation
import Preparation
import Tables

/// A configuration for a table that somebody has: written after a look at its rows.
package struct TableDraft: Draft {
  package let yaml: String
  package let found: String
  package let notes: [String]

  /// Looks at a table whose column `target` is to be predicted; `configuration` is where it will be written to.
  ///
  /// - Parameter data: a file, a pattern, a folder, or a source as a configuration has it.
  ///
  /// Throws a missing input (66), bad data (65), and a usage error (64) where there is no such column.
  package init(_ data: String, target: String, configuration: String) throws {
    let (format, written) = try DraftSource.read(data, configuration: configuration)
    var missing = TableSettings.usualMissing
    var look = try TableLook(format, data, missing: missing)
    var own = try look.column(target)
    if own.distinct < 2, !own.missingWords.isEmpty {
      // `None` is a class where there is but one other.
      missing.removeAll { own.missingWords[$0] != nil }
      look = try TableLook(format, data, missing: missing)
      own = try look.column(target)
    }
    try look.requireDifferent(own)
    let (file, profiles) = (look.file, look.profiles)
    let draft = TargetDraft(own)
    var lines: [String] = []
    let rows = own.values
    let place = DraftPlace(configuration: configuration)
    lines += place.head(
      "\(count(look.count, "row")) of \(file)",
      use: place.predict("FILE"))
    if look.faulty > 0 {
      let (it, its) = look.faulty == 1 ? ("it is", "its reason") : ("they are", "reasons")
      lines.append("# \(count(look.faulty, "row")) cannot be read: \(it) set aside, with \(its).")
    }
    lines.append("data:")
    lines.append("  table:")
    lines.append("    source: \(written)")
    lines.append("    target: \(yamlText(target))   # \(draft.comment)")
    if draft.isNumeric { lines.append("    kind: values") }
    if missing.count < TableSettings.usualMissing.count {
      let words = missing.map { $0.isEmpty ? "\"\"" : yamlText($0) }.joined(separator: ", ")
      lines.append("    missing: [\(words)]   # what else usually stands for nothing is a class here")
    }
    lines.append(
      "    split: {\(draft.split): {test: 0.2, validation: 0.1}}   # training is watched by validation rows alone")
    lines.append("    columns:")
    for profile in profiles where profile.name != target {
      let guess = ColumnGuess(profile)
      lines.append(Self.line(profile, guess, rows: look.count))
    }
    for column in look.refused {
      lines.append("      # \(column.name) is left out: it cannot be read: \(column.refusal ?? "")")
    }
    guard lines.contains(where: { $0.hasPrefix("      - ") }) else {
      throw Failure(
        .badData, at: file, "expected columns to predict '\(target)' from, found none that tells anything",
        cure: "write the configuration yourself: lockstep kinds data")
    }
    let size = ModelDraft(rows: rows * 7 / 10, draft)
    // A name may have a line break in it, which would end a comment.
    yaml = (lines + size.lines).map { "\($0.shown())\n" }.joined()
    found = draft.comment
    notes = look.notes
  }

  private static func line(_ profile: ColumnProfile, _ guess: ColumnGuess, rows: Int) -> String {
    let holes = profile.missing > 0 ? ", \(percent(profile.missing, of: rows)) missing" : ""
    let name = yamlText(profile.name)
    switch guess {
    case .leftOut(let reason): return "      # \(profile.name) is left out: \(reason)\(holes)"
    case .number:
      let range = "\(shortest(profile.least)) to \(shortest(profile.most))"
      return "      - number: \(name)   # \(range)\(holes)"
    case .vector:
      return
        "      - vector: \(name)   # several numbers a row, such as \((profile.words.first?.word ?? "").prefix(40))\(holes)"
    case .text:
      return "      - text: \(name)   # such as \((profile.words.first?.word ?? "").prefix(60))\(holes)"
    case .binary:
      return "      - binary: \(name)   # \(profile.words.map(\.word).joined(separator: ", "))\(holes)"
    case .category:
      let words = profile.words.sorted { $0.count > $1.count }.prefix(4).map(\.word).joined(separator: ", ")
      let rare = profile.distinct > 20
      let settings = rare ? "{columns: \(name), min-frequency: 5}" : name
      return
        "      - category: \(settings)   # \(profile.distinct) words: \(words.prefix(60))\(profile.distinct > 4 ? ", …" : "")\(holes)"
    case .date(let format):
      let settings = format.pattern.map { "{columns: \(name), format: \"\($0)\"}" } ?? name
      return "      - date: \(settings)   # such as \(profile.words.first?.word ?? "")\(holes)"
    }
  }

  static func percent(_ count: Int, of all: Int) -> String {
    "\(fixed(100 * Double(count) / Double(max(1, all)), 1)) %"
  }
}

/// A text as YAML has it.
func yamlText(_ text: String) -> String { ConfigSetting(path: "", quoting: text).text }
