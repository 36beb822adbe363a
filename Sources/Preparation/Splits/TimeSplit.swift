import Configuration
import Diagnostics
import Files
import Tables

/// By time: the latest rows are for testing, those before them for validation. Rows of one time are in one part, the later.
struct TimeSplit: Split {
  static let kind = "time"
  static let summary = "the latest rows for testing, those before them for validation"

  let column: String
  let format: DateFormat
  let shares: Shares

  init(_ settings: ConfigReader) throws {
    column = try settings.string("by")
    format = try settings.dateFormat()
    shares = try Shares(settings)
  }

  var columns: [ColumnRequest] { [ColumnRequest(column, .instants(format))] }

  func parts(of table: SplitTable, seed: UInt64) throws -> [Part] {
    guard case .instants(let instants) = table.table.columns[columns[0]]! else { return [] }
    return try instants.withUnsafeBufferPointer { instants in
      if let row = instants.firstIndex(of: CodedColumn.missingInstant) {
        throw Failure(
          .badData, at: table.table.place(of: row), "column '\(column)': expected a time to split by, found none",
          cure: "fill it in or delete the row, or use another split")
      }
      let ordered = instants.sorted()
      let (validation, test) = shares.counts(of: ordered.count)
      // The first time of a part; none where the part is empty.
      func first(_ behind: Int, of share: Int) -> Int64? { share > 0 ? ordered[ordered.count - behind] : nil }
      let firstTest = first(test, of: test) ?? .max
      let firstValidation = first(test + validation, of: validation) ?? firstTest
      return instants.map {
        $0 >= firstTest && test > 0 ? .test : $0 >= firstValidation && validation > 0 ? .validation : .train
      }
    }
  }
}
