import Configuration
import Metrics

extension ConfigReader {
  /// A list of distinct metrics; empty where it is missing.
  func metrics(_ key: String) throws -> [any Metric] {
    let metrics = try choices(key, metricKinds.cases { try $0.init($1) }, whenMissing: .empty)
    let names = metrics.map(\.name)
    if let twice = names.indices.first(where: { names[..<$0].contains(names[$0]) }) {
      throw failure(at: key, "\(type(of: metrics[twice]).kind) is named twice", cure: "name it once")
    }
    return metrics
  }
}
