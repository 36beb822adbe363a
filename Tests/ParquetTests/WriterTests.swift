import Files
import Foundation
import Goldens
import Tables
import TestSupport
import Testing

@testable import Parquet

@Suite struct WriterTests {
  private let folder: Folder

  init() throws { folder = try Folder() }

  static let columns = [
    ParquetColumn("double", .double), ParquetColumn("float", .float), ParquetColumn("integer", .integer),
    ParquetColumn("boolean", .boolean), ParquetColumn("größe, \"text\"", .text), ParquetColumn("instant", .instant),
    ParquetColumn("day", .day),
  ]

  typealias Values = (values: ParquetColumn.Values, isMissing: [Bool])

  /// Rows of all kinds; of the first column none is missing, of the others a seventh.
  static func rows(_ rows: Range<Int>) -> [Values] {
    let missing = (0..<7).map { column in column == 0 ? [] : rows.map { ($0 + column) % 7 == 0 } }
    let texts = TextCells(rows.map { String(repeating: "ü\($0)", count: $0 % 5) })
    return [
      (.doubles(rows.map { Double($0) / 3 }), missing[0]), (.floats(rows.map { Float($0) / 3 }), missing[1]),
      (.integers(rows.map { Int64($0) &* 0x1234_5678_9ABC }), missing[2]),
      (.booleans(rows.map { $0 % 3 == 0 }), missing[3]), (.texts(texts), missing[4]),
      (.instants(rows.map { Int64($0) * 1_000_000_007 }), missing[5]), (.days(rows.map { Int32($0) - 20 }), missing[6]),
    ]
  }

  private func write(
    _ name: String, _ parts: [Range<Int>], packing: ParquetWriter.Packing, groupRows: Int
  ) throws -> String {
    let file = try OutputFile(folder[name])
    let writer = try ParquetWriter(into: file, Self.columns, packing: packing, groupRows: groupRows)
    for part in parts { try writer.write(Self.rows(part)) }
    try writer.finish()
    try file.finish()
    return folder[name]
  }

  @Test func whatIsWrittenComesBack() throws {
    for packing in [ParquetWriter.Packing.none, .zstd] {
      for (count, groupRows) in [(0, 10), (1, 10), (20, 10), (25, 10), (100, 1000), (70_000, 50_000)] {
        let path = try write("a", [0..<count], packing: packing, groupRows: groupRows)
        let found = try ReadTable(path)
        #expect(found.rows == count)
        #expect(found.fields.map(\.type) == [.number, .number, .integer, .boolean, .text, .instant, .day])
        for (column, values) in zip(Self.columns, Self.rows(0..<count)) {
          let expected = (0..<count).map { row -> String? in
            guard values.isMissing.isEmpty || !values.isMissing[row] else { return nil }
            return switch values.values {
            case .doubles(let numbers): "\(numbers[row])"
            case .floats(let numbers): "\(Double(numbers[row]))"
            case .integers(let numbers), .instants(let numbers): "\(numbers[row])"
            case .booleans(let truths): "\(truths[row])"
            case .texts(let cells): cells[row]
            case .days(let days): "\(days[row])"
            }
          }
          #expect(found.columns[column.name] == expected, "\(column.name), \(count) rows")
        }
      }
    }
  }

  @Test func bytesDoNotDependOnHowManyRowsAreWrittenAtATime() throws {
    let whole = try bytes(of: write("a", [0..<1000], packing: .zstd, groupRows: 300))
    let parts = [0..<1, 1..<299, 299..<301, 301..<301, 301..<1000]
    #expect(try bytes(of: write("b", parts, packing: .zstd, groupRows: 300)) == whole)
  }

  /// `scripts/check-parquet` names a Python with the other readers.
  @Test func othersReadIt() throws {
    let variable = "LOCKSTEP_PARQUET_PYTHON"
    guard let python = ProcessInfo.processInfo.environment[variable] else {
      return notTested("files in other readers", because: "\(variable) is not set; scripts/check-parquet sets it")
    }
    for packing in [ParquetWriter.Packing.none, .zstd] {
      let path = try write("\(packing).parquet", [0..<1000], packing: packing, groupRows: 300)
      let found = try ReadTable(path)
      let columns = found.columns.map { name, values in (name, values.map { $0 as Any? ?? NSNull() }) }
      let data = try JSONSerialization.data(withJSONObject: Dictionary(uniqueKeysWithValues: columns))
      try data.write(to: URL(fileURLWithPath: folder["expected.json"]))
      let script = goldenPath("../../scripts/peers/parquet.py")
      let ended = try run(python, [script, path, folder["expected.json"]], deadline: 120)
      #expect(ended.code == 0, "\(ended.output)\(ended.errors)")
      print(ended.output, terminator: "")
    }
  }
}
