import Diagnostics
import Files
import Foundation
import Goldens
import Tables

@testable import Parquet

/// What the golden files hold; see Tests/Goldens/make-parquet.py.
struct GoldenTable: Decodable {
  struct Column: Decodable {
    let type: String
    let values: [String?]
  }

  let columns: [String: Column]

  static let shared: GoldenTable = {
    do { return try golden("parquet/table.json") } catch { preconditionFailure("\(error)") }
  }()

  static func path(_ name: String) -> String { goldenPath("parquet/\(name).parquet") }

  /// The names of all golden files, without their ending.
  static let files: [String] = {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: goldenPath("parquet"))) ?? []
    return names.filter { $0.hasSuffix(".parquet") }.map { String($0.dropLast(8)) }.sorted()
  }()
}

/// The columns of a table, values as texts, nil where one is missing: what `GoldenTable` has.
struct ReadTable: Equatable {
  var fields: [RawField]
  var columns: [String: [String?]] = [:]
  var rows = 0

  /// Reads all rows of a reader, `most` at a time, and checks what each chunk says of itself.
  init(_ reader: any TableReader, most: Int = 1000) throws {
    fields = reader.fields
    for field in fields { columns[field.name] = [] }
    while let chunk = try reader.next(most: most) {
      guard chunk.count > 0, chunk.count <= most, chunk.columns.count == fields.count,
        chunk.places.number(0) == rows + 1
      else { throw Failure(.internal, "a chunk of \(chunk.count) rows at \(chunk.places.number(0)) behind \(rows)") }
      for (field, column) in zip(fields, chunk.columns) {
        columns[field.name]! += (0..<chunk.count).map { row in
          !column.isMissing.isEmpty && column.isMissing[row] ? nil : Self.text(column.values, row)
        }
      }
      rows += chunk.count
    }
  }

  init(_ path: String, columns: Set<String>? = nil, most: Int = 1000) throws {
    try self.init(ParquetReader(path, columns: columns), most: most)
  }

  private static func text(_ values: RawColumn.Values, _ row: Int) -> String {
    switch values {
    case .texts(let cells): cells[row]
    case .numbers(let numbers): "\(numbers[row])"
    case .integers(let numbers), .instants(let numbers): "\(numbers[row])"
    case .booleans(let truths): "\(truths[row])"
    case .days(let days): "\(days[row])"
    case .vectors: "a vector"
    }
  }
}

/// The one line that a failure is; empty where there is none.
func message(_ body: () throws -> Void) -> String {
  do {
    try body()
    return ""
  } catch {
    return "\(error)"
  }
}

func bytes(of path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: path))) }
