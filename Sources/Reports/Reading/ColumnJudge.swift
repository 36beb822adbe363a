import Datasets
import Diagnostics
import Judging
import Lockstep
import Metrics
import Sources
import Tensors

/// Which columns a model rests on, for whom it is worse, and what the rows hold that it predicts worst: of a part's samples, once for
/// all targets.
struct ColumnJudge {
  private let model: Model
  private let data: Dataset
  private let samples: SampleOrigin
  private let names: [String]

  /// Columns of words and of numbers that are sliced by, and columns that are shuffled, at most.
  private static let mostWords = 8
  private static let mostNumbers = 4
  private static let mostShuffled = 200
  /// Columns of a row that is told one by one.
  private static let mostShown = 16
  /// Cells that are read to slice by, and rows of a part whose columns are read.
  private static let mostCells = 1 << 22
  private static let mostRows = 1 << 20
  /// Values of a column of words.
  private static let mostValues = 20
  private static let resamples = Resamples(count: 400)

  /// nil where the samples have no columns.
  init?(_ model: Model, _ data: Dataset, part: String) {
    let columns = model.configuration.data.columns(of: data).filter { !$0.features.isEmpty }
    guard !columns.isEmpty, !data.isText, data.count > 0 else { return nil }
    (self.model, self.data, samples) = (model, data, part == "validation" ? .validation : .test)
    names = columns.map(\.name)
  }

  /// Adds all that is to be told of columns to the measurements of the targets that subjects are of.
  ///
  /// Returns why the columns' values are not told; nil: they are.
  func describe(_ targets: inout [Measurement], _ subjects: [JudgedSubject]) throws -> String? {
    try addImportance(to: &targets)
    guard data.count <= Self.mostRows else {
      return "what columns hold is told of at most \(grouped(Self.mostRows)) rows"
    }
    do {
      try addValues(to: &targets, subjects)
      return nil
    } catch {
      return "what columns hold cannot be read: \(Failure(reporting: error).description)"
    }
  }

  /// What shuffling a column costs, the most important one first. Nothing where that would take long.
  private func addImportance(to targets: inout [Measurement]) throws {
    guard names.count > 1, names.count <= Self.mostShuffled, data.count > 1 else { return }
    let found = try model.importance(of: data, resamples: Self.resamples, targets: targets.count) ?? []
    for (place, columns) in found.prefix(targets.count).enumerated() {
      targets[place].importanceOf = columns.first.map { $0.metric.replacing("-", with: " ") } ?? ""
      targets[place].importanceRows = Model.importanceSamples(of: data)
      targets[place].importance = columns.compactMap { column in
        guard let value = column.value.value else { return nil }
        return (column.column, ReportedFigure(value, interval: column.interval?.bounds.map { $0.low...$0.high }))
      }
    }
  }

  /// The columns that a target rests on come first.
  private func ordered(_ target: Measurement) -> [String] {
    let own = target.importance.map(\.column)
    let known = Set(own)
    return own + names.filter { !known.contains($0) }
  }

  private func addValues(to targets: inout [Measurement], _ subjects: [JudgedSubject]) throws {
    let rows = try model.rows(of: data, from: samples)
    let there = Set(try rows.columns())
    let order = targets.first.map(ordered)?.filter { there.contains($0) } ?? []
    let sliced = order.prefix(max(1, Self.mostCells / data.count))
    let shown = targets.map { target in Array(ordered(target).lazy.filter { there.contains($0) }.prefix(Self.mostShown))
    }
    let read = Array(Set(sliced).union(shown.joined())).sorted()
    guard !read.isEmpty else { return }
    let place = Dictionary(uniqueKeysWithValues: read.enumerated().map { ($1, $0) })
    var readings = sliced.map { (place: place[$0]!, reading: SliceColumn.Reading()) }
    let wanted = Set(targets.flatMap { $0.examples?.places ?? [] })
    var (cells, count) = ([Int: [String?]](), 0)
    try rows.forEachRow(read) { row, texts in
      for number in readings.indices { readings[number].reading.add(texts[readings[number].place]) }
      if wanted.contains(row) { cells[row] = texts }
      count = row + 1
    }
    guard count == data.count else {
      throw Failure(.badData, "expected \(grouped(data.count)) rows, found \(grouped(count))")
    }
    let columns = zip(sliced, readings).map { $1.reading.column(named: $0) }
      .filter { $0.values.count > 1 && $0.values.count <= Self.mostValues }
    let chosen =
      columns.filter { !$0.isOrdered }.prefix(Self.mostWords) + columns.filter(\.isOrdered).prefix(Self.mostNumbers)
    for (number, subject) in subjects.prefix(targets.count).enumerated() {
      targets[number].slices = slices(subject, Array(chosen))
      let own = shown[number].map { place[$0]! }
      targets[number].examples?.take(
        shown[number], of: cells.mapValues { texts in own.map { texts[$0] } }, omitted: names.count - own.count)
    }
  }

  private func slices(_ subject: JudgedSubject, _ columns: [SliceColumn]) -> [SliceTable] {
    let found = model.slices(
      of: subject, by: columns, metrics: Model.sliceMetrics(of: subject.rows), resamples: Self.resamples)
    return found.map { found in
      var table = SliceTable(
        column: found.column,
        slices: found.slices.map { slice in
          let scores = slice.judgement.inOrder.map { Measurement.Score($0, $1, baseline: subject.baseline) }
          return SliceTable.Slice(slice.value, rows: slice.rows, isSmall: slice.isSmall, scores: scores)
        })
      (table.omitted, table.omittedRows) = (found.omitted, found.omittedRows)
      return table
    }
  }
}
