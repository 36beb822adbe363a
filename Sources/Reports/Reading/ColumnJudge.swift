import Datasets
import Judging
import Lockstep
import Metrics
import Tensors

/// For whom a model is worse, and which columns it rests on: what a judge says by the values of a column, and of rows whose
/// values in a column are shuffled (permutation importance; Breiman 2001).
struct ColumnJudge {
  private let model: Model
  private let data: Dataset
  private let features: ColumnFeatures
  private let rows: JudgedRows
  private let baseline: Baseline?

  /// Columns that are sliced by, and that are shuffled, at most.
  private static let mostSlices = 8
  private static let mostColumns = 200
  private static let resamples = Resamples(count: 400)

  /// nil where the data are no table.
  init?(_ model: Model, _ data: Dataset, _ subject: JudgedSubject) {
    guard let features = ColumnFeatures(model.configuration, data), subject.rows.count == data.count else { return nil }
    (self.model, self.data, self.features) = (model, data, features)
    (rows, baseline) = (subject.rows, subject.baseline)
  }

  private var isOfNumbers: Bool { if case .numbers = rows.content { true } else { false } }
  private var classes: Int { if case .classes(let classes) = rows.content { classes.names.count } else { 0 } }

  func slices() -> [SliceTable] {
    let metrics: [any JudgedMetric] =
      isOfNumbers
      ? [MeanAbsoluteError(), RootMeanSquaredError()] : classes == 2 ? [Accuracy(), ROCAUC()] : [Accuracy()]
    let judge = Judge(metrics, resamples: Self.resamples, team: Model.coreTeam())
    let columns = features.columns.indices.lazy.compactMap { place in
      self.features.values(of: place, self.data).map { (self.features.columns[place].name, $0.values, $0.codes) }
    }
    return columns.prefix(Self.mostSlices).map { name, values, codes in
      let found = Slices(name, codes: codes, values: values, of: rows, beside: baseline?.said(of: rows), judge: judge)
      var table = SliceTable(
        column: name,
        slices: found.slices.map { slice in
          let scores = slice.judgement.inOrder.map { Measurement.Score($0, $1, baseline: baseline) }
          return SliceTable.Slice(slice.value, rows: slice.rows, isSmall: slice.isSmall, scores: scores)
        })
      (table.omitted, table.omittedRows) = (found.omitted, found.omittedRows)
      return table
    }
  }

  /// Rows among which columns are shuffled, evenly of all.
  var shuffledRows: Int { Model.importanceSamples(of: data) }

  /// What shuffling a column costs, the most important one first; and the name of what it is counted in. Empty where that would
  /// take long.
  func importance() throws -> (metric: String, columns: [(column: String, figure: ReportedFigure)]) {
    let count = features.columns.count
    guard count > 1, count <= Self.mostColumns, data.count > 1 else { return ("", []) }
    let found = try model.importance(of: data, resamples: Self.resamples)?.first ?? []
    let metric = found.first.map { $0.metric.replacing("-", with: " ") } ?? ""
    return (
      metric,
      found.compactMap { column in
        guard let value = column.value.value else { return nil }
        return (column.column, ReportedFigure(value, interval: column.interval?.bounds.map { $0.low...$0.high }))
      }
    )
  }
}
