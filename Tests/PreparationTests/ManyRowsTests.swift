import Configuration
import Files
import Foundation
import Host
import Tables
import Tensors
import TestSupport
import Testing

@testable import Preparation

/// What is not held in memory where rows are many is what it would be if it were.
@Suite struct ManyRowsTests {
  private let folder: Folder
  init() throws { folder = try Folder() }

  private func mapped<Element: ArrayElement>(_ values: [Element], _ name: String) throws -> MappedArray<Element> {
    let writer = try ArrayWriter<Element>(folder[name])
    try writer.append(contentsOf: values)
    return try writer.finish()
  }

  /// Divides a table of `columns` by chance.
  private func divided(_ count: Int, _ columns: [ColumnRequest: CollectedTable.Values]) throws -> DividedTable {
    let numbers = try mapped((0..<count).map { Int64($0 + 1) }, "numbers")
    let table = CollectedTable(
      count: count, columns: columns, sources: ["rows.csv"], starts: [0, count], numbers: numbers)
    let split = try RandomSplit(ConfigReader(yaml: "{test: 0.3}", file: "split"))
    return try DividedTable(table, by: split, targets: [], seed: 3, memory: 1 << 20, CoreTeam(cores: [0]))
  }

  private func all(_ stream: NumberStream) -> [Double] {
    var all: [Double] = []
    stream.forEachBlock { all.append(contentsOf: $0) }
    return all
  }

  /// Rows of one number and of several, of which a block of the file ends within one, or has a piece of one.
  @Test(arguments: [(30_000, 1), (30_000, 3), (9, 40_000)])
  func trainingNumbers(_ count: Int, _ width: Int) throws {
    let values = (0..<count * width).map { (place: Int) -> Double in
      place / width % 7 == 3 ? .nan : Double(place * 7919 % 100_003) / 8
    }
    let (one, several) = (ColumnRequest("x", .numbers), ColumnRequest("v", .vectors))
    let request = width == 1 ? one : several
    let array = try mapped(values, "values")
    let divided = try divided(count, [request: width == 1 ? .numbers(array) : .vectors(array, width: width)])
    for place in Set([0, width / 2, 32_767 % width, 32_768 % width, width - 1]).sorted() {
      let expected = (0..<count).compactMap { row in
        let number = values[row * width + place]
        return divided.parts[row] == .train && !number.isNaN ? number : nil
      }
      #expect(!expected.isEmpty && expected.count < count)
      for most in [0, 1, 4096, expected.count - 1, expected.count, 1 << 21] {
        let column = TrainingColumn(request, of: divided.training, mostHeld: most)
        let found = width == 1 ? column.numbers : column.numbers(at: place)
        let isEqual = all(found) == expected && all(found) == expected
        #expect(isEqual && found.count == expected.count && found.first == expected[0], "\(place), \(most)")
      }
    }
  }

  /// Resampling against sorting the rows of each class by their keys.
  @Test(arguments: [1, 50, 5000]) func drawnRows(_ count: Int) throws {
    let request = ColumnRequest("y", .words)
    // Uneven classes, one of which no row has, and rows without any.
    let codes = (0..<count).map { row in row % 97 == 5 ? Code.missing : [0, 0, 2, 0, 3, 0, 2][row % 7] }
    let words = ["a", "b", "c", "d"]
    let divided = try divided(count, [request: .codes(try mapped(codes, "codes"), words: words)])
    let rows = codes.indices.filter { divided.parts[$0] == .train }
    let classes = words.indices.map { place in rows.filter { codes[$0] == Int32(place) } }.filter { !$0.isEmpty }
    for resampling in Resampling.allCases {
      let sizes = classes.map(\.count)
      let wanted = resampling == .oversample ? sizes.max()! : sizes.min()!
      var expected = [Int](repeating: 1, count: count)
      let keys = RowKeys(seed: 11, stream: 1)
      for own in classes {
        let ordered = own.sorted { (keys[$0], $0) < (keys[$1], $1) }
        for (place, row) in ordered.enumerated() {
          expected[row] = wanted / own.count + (place < wanted % own.count ? 1 : 0)
        }
      }
      let found = try resampling.counts(divided, classes: request, seed: 11, by: CoreTeam(cores: [0, 0]))
      #expect(rows.map { found[$0] } == rows.map { expected[$0] })
      #expect(found.training == rows.reduce(0) { $0 + expected[$1] })
    }
  }

  /// Texts are fitted one after the other, and columns stand where they stood, on any number of cores.
  @Test func textsAmongOthers() throws {
    let columns =
      "columns: [{text: home}, {number: age}, {set: since}, {category: member}, {text: {columns: id, buckets: 4}}]"
    let tables = try [[0], [0, 1], [0, 1, 2, 3]].map { cores in
      try People.prepared(People.csv(300), in: Folder(), columns: columns, cores: cores)
    }
    #expect(tables[0].preparation.columns.map(\.name) == ["home", "age", "since", "member", "id"])
    for table in tables { #expect(table.summary.prepared == tables[0].summary.prepared) }
    for table in tables { #expect(table.summary.transform == tables[0].summary.transform) }
  }

  /// Rows are told to be equal by their values, of whatever kind.
  @Test func hashesOfRows() throws {
    let texts = try TextWriter(folder["texts"])
    let words: [String?] = ["a", nil, "b", "a", "", "a"]
    try texts.append(contentsOf: words)
    let vectors: [Double] = [1, 2, .nan, .nan, 1, 3, 1, 2, 1, 2, 1, 2]
    let columns: [ColumnRequest: CollectedTable.Values] = [
      ColumnRequest("t", .texts): .texts(try texts.finish()),
      ColumnRequest("v", .vectors): .vectors(try mapped(vectors, "vectors"), width: 2),
      ColumnRequest("c", .words): .codes(try mapped([1, -1, 0, 1, 1, 1], "codes"), words: ["x", "y"]),
      ColumnRequest("n", .numbers): .numbers(try mapped([0.5, .nan, 0.5, 0.5, 0.5, 0.25], "floats")),
    ]
    let table = try divided(6, columns).table
    let requests = columns.keys.sorted { $0.name < $1.name }
    let hashes = RowHashes(table, requests)
    let all = hashes[0..<6]
    #expect(all[0] == all[3] && Set(all).count == 5)
    #expect((0..<6).map { hashes[$0..<$0 + 1][0] } == all && hashes[2..<5] == Array(all[2..<5]))
    // One column tells what it tells.
    for (name, count) in [("t", 4), ("v", 3), ("c", 3), ("n", 3)] {
      let own = RowHashes(table, requests.filter { $0.name == name })
      #expect(Set(own[0..<6]).count == count, "\(name)")
    }
  }
}
