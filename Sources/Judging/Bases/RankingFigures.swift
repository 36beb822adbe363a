import Foundation
import Metrics

// Of a row, all classes are sorted by their scores, and the true one is the one that is looked for: a whole catalogue, say, and the
// item that was taken next. Of a query, see `QueryBasis`.

extension NDCG: JudgedMetric {
  public func basis(of rows: JudgedRows) -> (any Basis)? { basis(of: rows, "ndcg") { 1 / log2(Double($0 + 1)) } }
  public func figure(_ totals: [Double], of rows: JudgedRows) -> Figure { figure(totals, .ndcg) }
}

extension HitRate: JudgedMetric {
  public func basis(of rows: JudgedRows) -> (any Basis)? { basis(of: rows, "hit-rate") { _ in 1 } }
  public func figure(_ totals: [Double], of rows: JudgedRows) -> Figure { figure(totals, .hit) }
}

extension RecallAtK: JudgedMetric {
  public func basis(of rows: JudgedRows) -> (any Basis)? { basis(of: rows, "hit-rate") { _ in 1 } }
  public func figure(_ totals: [Double], of rows: JudgedRows) -> Figure { figure(totals, .recall) }
}

extension MeanAveragePrecision: JudgedMetric {
  public func basis(of rows: JudgedRows) -> (any Basis)? {
    basis(of: rows, "mean-average-precision") { 1 / Double($0) }
  }
  public func figure(_ totals: [Double], of rows: JudgedRows) -> Figure { figure(totals, .averagePrecision) }
}
