import Foundation
import Metrics

// Of a row, all classes are sorted by their scores, and the true one is the one that is looked for: a whole catalogue, say, and the
// item that was taken next.

extension NDCG: JudgedMetric {
  public func basis(of rows: JudgedRows) -> (any Basis)? {
    placeBasis("ndcg", within: k, of: rows) { 1 / log2(Double($0 + 1)) }
  }
  public func figure(_ totals: [Double], of rows: JudgedRows) -> Figure { meanFigure(totals) }
}

extension HitRate: JudgedMetric {
  public func basis(of rows: JudgedRows) -> (any Basis)? { placeBasis("hit-rate", within: k, of: rows) { _ in 1 } }
  public func figure(_ totals: [Double], of rows: JudgedRows) -> Figure { meanFigure(totals) }
}

extension MeanAveragePrecision: JudgedMetric {
  public func basis(of rows: JudgedRows) -> (any Basis)? {
    placeBasis("mean-average-precision", within: k, of: rows) { 1 / Double($0) }
  }
  public func figure(_ totals: [Double], of rows: JudgedRows) -> Figure { meanFigure(totals) }
}

private func placeBasis(
  _ key: String, within k: Int, of rows: JudgedRows, _ gain: @escaping @Sendable (_ place: Int) -> Double
) -> (any Basis)? {
  guard let classes = rows.classes else { return nil }
  return MeanBasis("\(key)-\(k)") { _, row in TruePlace(classes, row).mean(within: k, gain) }
}
