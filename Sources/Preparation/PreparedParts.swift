import Diagnostics
import Host
import Tables
import Tensors

/// Writes the features and targets of all rows of a divided table, those of each part in their order.
struct PreparedParts {
  private let divided: DividedTable
  /// How often a training row stands there; nil: once each.
  private let counts: RowCounts?
  private let settings: TableSettings
  private let maker: FeatureMaker
  private let maps: [WordMap]
  private let classes: ClassMap
  private let writers: [PartWriter]

  /// Numbers that are made at a time, at most, where a row has no more.
  private static let block = 1 << 21

  /// Throws where a row has a class that is none of the training rows'.
  init(
    _ divided: DividedTable, _ counts: RowCounts?, _ settings: TableSettings, _ fitted: FittedTable,
    _ files: PreparedTable.FileNames
  ) throws {
    (self.divided, self.counts, self.settings) = (divided, counts, settings)
    let maker = try FeatureMaker(fitted, settings)
    self.maker = maker
    maps = settings.columns.map { WordMap(divided.table.words(of: $0.request)) }
    classes = try ClassMap(settings, fitted, divided.table)
    writers = try Part.allCases.map { try PartWriter($0, files, settings, fitted, width: maker.width) }
  }

  /// Rows whose features are made.
  private struct Block {
    let features: UnsafePointer<Float>
    let rows: Range<Int>
    let targets: [CodedColumn]
    let weights: CodedColumn?
    let auxiliary: [CodedColumn]
  }

  /// Writes all of them.
  ///
  /// The cores of `team` share the columns of a block, and the parts of the block before it, which are looked at and written
  /// meanwhile.
  func write(by team: CoreTeam) throws {
    let table = divided.table
    let block = min(4096, max(1, Self.block / maker.width))
    let memory = (0..<2).map { _ in FlatBuffer(count: min(block, table.count) * maker.width) }
    var made: Block?
    // A round more than there are blocks.
    for (number, start) in stride(from: 0, to: table.count + block, by: block).enumerated() {
      let rows = min(start, table.count)..<min(start + block, table.count)
      let view = memory[number % 2].view
      let features = UnsafeMutableBufferPointer(start: view.base, count: rows.count * maker.width)
      _ = try team.map(1 + writers.count + (rows.isEmpty ? 0 : settings.columns.count)) { piece in
        switch piece {
        case 0:
          if let made { try requireFinite(made) }
        case ...writers.count:
          if let made { try write(made, to: writers[piece - 1]) }
        default:
          let column = piece - 1 - writers.count
          let coded = table.values(of: settings.columns[column].request, rows)
          maker.make(column, ColumnValues(coded, words: maps[column]), into: features)
        }
      }
      SignsOfLife.note()
      made = Block(
        features: UnsafePointer(view.base), rows: rows,
        targets: settings.targetRequests.map { table.values(of: $0, rows) },
        weights: settings.weightRequest.map { table.values(of: $0, rows) },
        auxiliary: settings.auxiliary.map { table.values(of: $0, rows) })
    }
    withExtendedLifetime(memory) {}
  }

  /// Waits for the disk; returns the digest of what was written.
  func finish() throws -> Digest {
    PartWriter.digest(of: try writers.flatMap { try $0.finish() } + (words.map { [try $0.digest] } ?? []))
  }

  /// The words of the columns that figures look at; nil where there are no such columns.
  var words: AuxiliaryWords? {
    settings.auxiliary.isEmpty ? nil : AuxiliaryWords(divided.table, settings.auxiliary)
  }

  /// Adds the rows of a part, each so often as it is to stand there: there may be no room for all of their places at once.
  private func write(_ block: Block, to writer: PartWriter) throws {
    let own = block.rows.filter { divided.parts[$0] == writer.part }
    let counts = writer.part == .train ? counts : nil
    let places = own.lazy.flatMap { row in repeatElement(row - block.rows.lowerBound, count: counts?[row] ?? 1) }
    try writer.append(
      block.features, block.targets, weights: block.weights, others: block.auxiliary, classes, rows: places)
  }

  /// Throws where single precision does not hold a feature.
  private func requireFinite(_ block: Block) throws {
    let features = UnsafeBufferPointer(start: block.features, count: block.rows.count * maker.width)
    guard let bad = maker.firstInfinite(features) else { return }
    throw Failure(
      .badData, at: divided.table.place(of: block.rows.lowerBound + bad.row),
      "feature '\(bad.name)': expected a number that single precision holds, found a larger one",
      cure: "correct or delete the row, or clip the column")
  }
}
