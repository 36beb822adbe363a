import Foundation
import TestSupport
import Testing

@testable import Lockstep

/// A format, a column and a split of one's own, as the article shows them. In a process of its own, since registries are the
/// whole process's.
@Suite struct OwnTableKindsTests {
  @Test func aFormatAColumnAndASplit() async {
    await #expect(processExitsWith: .success) {
      tableFormatKinds.add(FixedWidth.self)
      columnKinds.add(Angle.self)
      splitKinds.add(EveryThird.self)
      let folder = try Folder()
      func line(_ cells: [String]) -> String {
        cells.map { $0.padding(toLength: 10, withPad: " ", startingAt: 0) }.joined() + "\n"
      }
      let rows = (0..<300).map { row in
        let degrees = row * 37 % 360
        return line(["\(degrees)", "\(row % 7)", degrees < 90 || degrees > 270 ? "north" : "south"])
      }
      try folder.write("ships.fwf", line(["heading", "speed", "side"]) + rows.joined())
      let recipe = try folder.write(
        "run.yaml",
        """
        data:
          table:
            source: {fixed-width: ships.fwf}
            target: side
            split: every-third
            keep-under: prepared
            columns: [{angle: heading}, {number: speed}]
        model: [{dense: 2}]
        optimizer: {adam: 0.05}
        batch: 50
        epochs: 30

        """)
      let digest = try train(recipe, in: folder["one"])
      #expect(try train(recipe, in: folder["two"], ranks: 2) == digest)
      let model = try Model(folder["one"])
      let test = try model.testData()
      #expect(test.count == 100)
      #expect(try model.evaluate(test).headline.value > 0.95)
      #expect(try model.writePredictions(of: folder["ships.fwf"], to: folder["out.csv"], keeping: ["heading"]) == 300)
      // A configuration is drafted for its files too.
      let draft = try TableDraft(folder["ships.fwf"], target: "side", configuration: folder["draft.yaml"])
      #expect(draft.yaml.contains("    source: {fixed-width: {file: \"\(folder["ships.fwf"])\"}}\n"), "\(draft.yaml)")
    }
  }
}

struct FixedWidth: TableFormat {
  static let kind = "fixed-width"
  static let summary = "lines whose columns are ten characters wide each, their names in the first"
  static let pathSettings = ["file"]
  static let endings = ["fwf"]
  let file: String
  init(_ settings: ConfigReader) throws { file = try settings.filePath("file") }
  init(file: String) { self.file = file }
  func draft(path: String) -> String { "fixed-width: {file: \"\(path)\"}" }
  func sources() -> [String] { [file] }
  func open(_ source: String, columns: Set<String>?) throws -> any TableReader { try FixedWidthReader(source) }
  func reading(_ file: String) -> FixedWidth { FixedWidth(file: file) }
}

final class FixedWidthReader: TableReader {
  let fields: [RawField]
  private let path: String
  private let rows: [[String]]
  private var given = 0
  init(_ path: String) throws {
    let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(Array.init)
    let cells = lines.map { line in
      stride(from: 0, to: line.count, by: 10).map { String(line[$0..<min($0 + 10, line.count)]).filter { $0 != " " } }
    }
    (self.path, rows, fields) = (path, Array(cells.dropFirst()), (cells.first ?? []).map { RawField($0, .text) })
  }
  func next(most: Int) throws -> TableChunk? {
    guard given < rows.count else { return nil }
    let range = given..<min(given + most, rows.count)
    given = range.upperBound
    return TableChunk(
      count: range.count,
      columns: fields.indices.map { column in RawColumn(.texts(TextCells(rows[range].map { $0[column] }))) },
      places: RowPlaces(path, lines: range.map { $0 + 2 }))
  }
}

struct Angle: ColumnKind {
  static let kind = "angle"
  static let summary = "degrees, as sine and cosine"
  init(_ settings: ConfigReader) {}
  var storage: ColumnStorage { .numbers }
  func fitted(on column: TrainingColumn) -> FittedColumn { FittedColumn() }
  func encoder(_ fitted: FittedColumn) -> any ColumnEncoder { Encoder() }
  struct Encoder: ColumnEncoder {
    var suffixes: [String] { [" sin", " cos"] }
    func encode(_ values: ColumnValues, into features: UnsafeMutablePointer<Float>, stride: Int) {
      for (row, degrees) in values.numbers.enumerated() {
        let angle = (degrees.isNaN ? 0 : degrees) * .pi / 180
        features[row * stride] = Float(sin(angle))
        features[row * stride + 1] = Float(cos(angle))
      }
    }
  }
}

struct EveryThird: Split {
  static let kind = "every-third"
  static let summary = "every third row for testing"
  init(_ settings: ConfigReader) {}
  func parts(of table: SplitTable, seed: UInt64) -> [Part] { (0..<table.count).map { $0 % 3 == 2 ? .test : .train } }
}
