import Configuration
import Diagnostics
import Files
import Tables
import Tensors

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
    try instants.forEachBlock { start, block in
      guard let place = block.firstIndex(of: CodedColumn.missingInstant) else { return }
      throw Failure(
        .badData, at: table.table.place(of: start + place),
        "column '\(column)': expected a time to split by, found none",
        cure: "fill it in or delete the row, or use another split")
    }
    let (validation, test) = shares.counts(of: instants.count)
    // The first time of a part; none where the part is empty.
    func first(_ behind: Int, of share: Int) -> Int64? {
      share > 0 ? Self.time(at: instants.count - behind, of: instants) : nil
    }
    let firstTest = first(test, of: test) ?? .max
    let firstValidation = first(test + validation, of: validation) ?? firstTest
    var parts = [Part](repeating: .train, count: instants.count)
    instants.forEachBlock { start, block in
      for (place, time) in block.enumerated() {
        if test > 0, time >= firstTest {
          parts[start + place] = .test
        } else if validation > 0, time >= firstValidation {
          parts[start + place] = .validation
        }
      }
    }
    return parts
  }

  /// The time at a place of all sorted ones.
  private static func time(at place: Int, of instants: MappedArray<Int64>) -> Int64 {
    let found = RadixSelection().keys(at: [place], of: instants.count) { body in
      instants.forEachBlock { _, block in block.map(RadixKey.key).withUnsafeBufferPointer(body) }
    }
    return RadixKey.integer(found[0].key)
  }
}
