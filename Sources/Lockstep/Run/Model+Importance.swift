import Datasets
import Diagnostics
import Judging
import Metrics
import Tensors

/// Which columns a model's predictions rest on.
extension Model {
  /// Numbers of all features of the samples that are looked at, at most, and samples.
  private static let mostNumbers = 1 << 24
  private static let mostSamples = 20_000

  /// How many of a dataset's samples are looked at.
  package static func importanceSamples(of dataset: Dataset) -> Int {
    min(dataset.count, mostSamples, max(1, mostNumbers / dataset.shape.count))
  }

  /// How much worse each target is predicted without each column, the most important one first, on rank zero; nil on other ranks. All ranks
  /// call it.
  ///
  /// The values of a column are dealt out among the samples by the run's seed, so that the same figures come out wherever they are computed.
  /// Of many samples some are looked at, evenly among all of them. Costs a forward pass of these samples a column.
  ///
  /// - Parameter most: targets that are looked at, the first of all; others have no columns.
  ///
  /// Throws a usage error (64) where samples have no columns.
  public func importance(
    of dataset: Dataset, resamples: Resamples = Resamples(), positive: [String] = [], targets most: Int = .max
  ) throws -> [[ColumnImportance]]? {
    let columns = configuration.data.columns(of: dataset).filter { !$0.features.isEmpty }
    guard !columns.isEmpty, !dataset.isText else {
      throw Failure(
        .usage, at: "--importance", "expected samples that have columns, found \(dataset.form)",
        cure: "leave it out, or take a model of a table")
    }
    let count = Self.importanceSamples(of: dataset)
    let some = try dataset.transformed(by: transforms).taking((0..<count).map { $0 * dataset.count / count })
    let subjects = try judgedRows(ready: some, positive: positive)
    var found: [[ColumnImportance]] = subjects?.map { _ in [] } ?? []
    for (place, column) in columns.enumerated() {
      let order = EpochPermutation(count: count, seed: configuration.seed, epoch: place)
      let dealt = some.dealing(column.features, by: (0..<count).map { order[$0] })
      let others = try judgedRows(ready: dealt, positive: positive, like: subjects)
      try world.agree {
        guard let subjects, let others else { return }
        for (target, (own, other)) in zip(subjects.prefix(most), others).enumerated() {
          let metric = ColumnImportance.usualMetric(of: own.rows)
          let judge = Judge([metric], resamples: resamples, team: Self.coreTeam())
          let judgement = judge.judge(other.rows, beside: own.rows)
          found[target].append(ColumnImportance(column.name, metric, judgement))
        }
      }
      SignsOfLife.note()
    }
    guard subjects != nil else { return nil }
    return found.map { columns in
      let values = columns.map { $0.value.value ?? -.infinity }
      return columns.indices.sorted { (values[$1], $0) < (values[$0], $1) }.map { columns[$0] }
    }
  }
}
