import Configuration
import Diagnostics

/// By the files that rows are in.
struct FileSplit: Split {
  static let kind = "files"
  static let summary = "by the files that rows are in"

  /// Parts of paths that tell.
  let validation: String?
  let test: String

  init(_ settings: ConfigReader) throws {
    test = try settings.string("test", default: "test")
    validation = try settings.optionalString("validation")
  }

  func parts(of table: SplitTable, seed: UInt64) throws -> [Part] {
    let sources = table.table.sources
    let parts: [Part] = sources.map { path in
      let name = path.split(separator: "/").last ?? ""
      return name.contains(test) ? .test : validation.map { name.contains($0) } ?? false ? .validation : .train
    }
    guard parts.contains(.test) else {
      throw Failure(
        .badConfiguration, at: "split.files",
        "expected a file whose name has '\(test)' in it, found none of \(sources.count)",
        cure: "name the file, or use another split")
    }
    let starts = table.table.starts
    return zip(parts, zip(starts, starts.dropFirst())).flatMap { part, rows in
      [Part](repeating: part, count: rows.1 - rows.0)
    }
  }
}
