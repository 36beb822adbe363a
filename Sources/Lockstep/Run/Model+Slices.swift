import Datasets
import Diagnostics
import Judging
import Metrics
import Sources

/// For whom a model is worse: metrics by the values of columns.
extension Model {
  /// The raw rows that samples were made of, or their features, where the source keeps none. One rank alone.
  package func rows(of dataset: Dataset, from samples: SampleOrigin) throws -> any SampleRows {
    try configuration.data.rows(of: samples, seed: configuration.seed, like: schema)
      ?? FeatureRows(dataset, configuration.data.columns(of: dataset))
  }

  /// What columns hold for the samples of `dataset`, as slices are made of it, whether the model looks at them or not. One rank
  /// alone.
  ///
  /// Throws a usage error (64) where there is no such column, and names those that there are; bad data (65) where the raw rows are
  /// not those of the samples.
  package func sliceColumns(
    _ names: [String], of dataset: Dataset, from samples: SampleOrigin
  ) throws -> [SliceColumn] {
    let rows = try rows(of: dataset, from: samples)
    let known = try rows.columns()
    if let name = names.first(where: { !known.contains($0) }) { throw noColumn(name, among: known, dataset) }
    var readings = names.map { _ in SliceColumn.Reading() }
    var count = 0
    try rows.forEachRow(names) { row, texts in
      for (place, text) in texts.enumerated() { readings[place].add(text) }
      count = row + 1
    }
    guard count == dataset.count else {
      throw Failure(
        .badData, at: dataset.source, "expected \(grouped(dataset.count)) rows, found \(grouped(count)) of columns",
        cure: "take the data that were prepared")
    }
    return zip(names, readings).map { $1.column(named: $0) }
  }

  private func noColumn(_ name: String, among known: [String], _ dataset: Dataset) -> Failure {
    guard !known.isEmpty, !dataset.isText else {
      return Failure(
        .usage, at: "--slices", "expected samples that have columns, found \(dataset.form)",
        cure: "leave it out, or take a model of a table")
    }
    let shown = known.prefix(30).joined(separator: ", ")
    let more = known.count > 30 ? " and \(grouped(known.count - 30)) more" : ""
    return Failure(
      .usage, at: "--slices", "expected one of the columns \(shown)\(more), found \(name)",
      cure: nearest(to: name, among: known).map { "did you mean \($0)?" } ?? "correct the name")
  }

  /// The slices of a target by columns of all samples.
  package func slices(
    of subject: JudgedSubject, by columns: [SliceColumn], metrics: [any JudgedMetric], resamples: Resamples
  ) -> [Slices] {
    let judge = Judge(metrics, resamples: resamples, team: Self.coreTeam())
    let (rows, beside) = (subject.rows, subject.baseline?.said(of: subject.rows))
    return columns.map { column in
      let own = column.taking((0..<rows.count).lazy.map { rows.row($0) })
      return Slices(own, of: rows, beside: beside, judge: judge)
    }
  }

  /// What a table of slices tells, where nothing else is asked for.
  package static func sliceMetrics(of rows: JudgedRows) -> [any JudgedMetric] {
    guard let classes = rows.classes else { return [MeanAbsoluteError(), RootMeanSquaredError()] }
    return classes.names.count == 2 ? [Accuracy(), ROCAUC()] : [Accuracy()]
  }
}

/// The features of samples whose source keeps no rows beside them: columns of one feature each.
private struct FeatureRows: SampleRows {
  private let dataset: Dataset
  private let places: [String: Int]
  private let names: [String]

  init(_ dataset: Dataset, _ columns: [(name: String, features: Range<Int>)]) {
    self.dataset = dataset
    let own = columns.filter { $0.features.count == 1 }
    names = own.map(\.name)
    places = Dictionary(own.map { ($0.name, $0.features.lowerBound) }, uniquingKeysWith: { first, _ in first })
  }

  func columns() -> [String] { names }

  func forEachRow(_ columns: [String], _ body: (_ row: Int, _ texts: [String?]) throws -> Void) throws {
    let (width, own) = (dataset.shape.count, columns.map { places[$0]! })
    let lent: Result<Void, any Error>? = dataset.features.withFloats { numbers in
      Result {
        for row in 0..<dataset.count {
          try body(row, own.map { "\(numbers[row * width + $0])".replacing(/\.0$/, with: "") })
        }
      }
    }
    try lent?.get()
  }
}
