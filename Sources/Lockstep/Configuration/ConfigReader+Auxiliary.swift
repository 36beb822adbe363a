import Configuration
import Metrics
import Sources

extension ConfigReader {
  /// The data with the columns kept that metrics and the baseline look at; as they are where they look at none.
  func keeping(_ data: any Source, for metrics: [any Metric], _ baseline: BaselineConfiguration?) throws -> any Source {
    let forMetrics = metrics.flatMap(\.columns)
    let words = Set(forMetrics.filter { $0.content == .words }.map(\.name))
    let numbers = Set(forMetrics.filter { $0.content == .numbers }.map(\.name) + [baseline?.column].compactMap { $0 })
    guard let first = words.union(numbers).min() else { return data }
    let key = forMetrics.contains { $0.name == first } ? "metrics" : "baseline"
    if let both = words.intersection(numbers).min() {
      throw failure(
        at: "metrics", "expected a naive forecast in another column than \(both), by which rows are told apart",
        cure: "name two columns")
    }
    if let kept = data.keeping(words: words.sorted(), numbers: numbers.sorted()) { return kept }
    throw failure(
      at: key, "expected data that keep a column for it (\(first)), found \(type(of: data).kind)",
      cure: "train on data: {table: …}, or leave it out")
  }
}
