import Datasets
import Diagnostics
import Files
import Preparation

/// What raw rows of a table hold beside the features that were made of them.
extension TableSource {
  public func rows(of samples: SampleOrigin, seed: UInt64, like schema: Schema) throws -> (any SampleRows)? {
    switch samples {
    case .validation: try rows(of: .validation, seed)
    case .test: try rows(of: .test, seed)
    case .file(let file): try FileRows(file: file, settings: settings, fitted: fitted(schema))
    }
  }

  private func rows(of part: Preparation.Part, _ seed: UInt64) throws -> any SampleRows {
    try TablePreparer(settings, seed: seed).rows(of: part, like: prepared(seed: seed).summary)
  }
}

extension PartRows: SampleRows {}

/// Those of a file with targets.
private struct FileRows: SampleRows {
  let file: String
  let settings: TableSettings
  let fitted: FittedTable

  func columns() throws -> [String] {
    guard file != standardStream else {
      throw Failure(
        .usage, at: "--data", "expected a file that can be read twice, found a pipe", cure: "write it to a file first")
    }
    return try RawRows.columnNames(of: file, settings)
  }

  func forEachRow(_ columns: [String], _ body: (_ row: Int, _ texts: [String?]) throws -> Void) throws {
    let rows = try RawRows(file, settings, fitted, withTargets: true, keeping: columns)
    var count = 0
    while let batch = try rows.next(most: 16_384) {
      for row in 0..<batch.count where batch.problems[row] == nil {
        try body(
          count, batch.kept.map { column in column[row].flatMap { settings.missing.contains($0) ? nil : $0 } })
        count += 1
      }
      SignsOfLife.note()
    }
  }
}
