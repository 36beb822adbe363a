import Configuration
import Diagnostics

/// By the files that rows are in.
struct FileSplit: Split {
  static let kind = "files"
  static let summary = "by the files that rows are in"

  /// Words of names that tell, between other characters than letters and digits: `test` in `a_test.csv`.
  let validation: String?
  let test: String

  init(_ settings: ConfigReader) throws {
    test = try settings.string("test", default: "test")
    validation = try settings.optionalString("validation")
  }

  func told(by source: String) -> String? { "\(part(of: source))" }

  private func part(of source: String) -> Part {
    let name = source.split(separator: "/").last ?? ""
    func has(_ word: String) -> Bool {
      name.ranges(of: word).contains { range in
        let (before, behind) = (name[..<range.lowerBound].last, name[range.upperBound...].first)
        return ![before, behind].contains { $0?.isLetter ?? false || $0?.isNumber ?? false }
      }
    }
    return has(test) ? .test : validation.map(has) ?? false ? .validation : .train
  }

  func parts(of table: SplitTable, seed: UInt64) throws -> [Part] {
    let sources = table.table.sources
    let parts = sources.map(part)
    guard parts.contains(.test) else {
      throw Failure(
        .badConfiguration, at: "split.files",
        "expected a file whose name has the word '\(test)' in it, found none of \(sources.count)",
        cure: "name the file, or use another split")
    }
    let starts = table.table.starts
    var ofRows: [Part] = []
    ofRows.reserveCapacity(table.count)
    for (part, rows) in zip(parts, zip(starts, starts.dropFirst())) {
      ofRows.append(contentsOf: repeatElement(part, count: rows.1 - rows.0))
    }
    return ofRows
  }
}
