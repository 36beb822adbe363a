import Metrics

extension Accuracy: JudgedMetric {
  public func basis(of rows: JudgedRows) -> (any Basis)? { classBasis(of: rows) }
  public func figure(_ totals: [Double], of rows: JudgedRows) -> Figure {
    Figure(ClassMarginals(totals).accuracy, otherwise: noWeight)
  }
}

extension MarginalMetric {
  public func basis(of rows: JudgedRows) -> (any Basis)? { classBasis(of: rows) }
  public func figure(_ totals: [Double], of rows: JudgedRows) -> Figure {
    Figure(Self.value(ClassMarginals(totals)), otherwise: Self.undefinedWhen)
  }
}

extension BalancedAccuracy: JudgedMetric {}
extension MatthewsCorrelation: JudgedMetric {}
extension CohensKappa: JudgedMetric {}

extension Precision: JudgedMetric {
  public func basis(of rows: JudgedRows) -> (any Basis)? { classBasis(of: rows) }
  public func figure(_ totals: [Double], of rows: JudgedRows) -> Figure {
    Figure(ClassMarginals(totals).average(average) { $0.precision }, otherwise: noWeight)
  }
}

extension Recall: JudgedMetric {
  public func basis(of rows: JudgedRows) -> (any Basis)? { classBasis(of: rows) }
  public func figure(_ totals: [Double], of rows: JudgedRows) -> Figure {
    Figure(ClassMarginals(totals).average(average) { $0.recall }, otherwise: noWeight)
  }
}

extension F1: JudgedMetric {
  public func basis(of rows: JudgedRows) -> (any Basis)? { classBasis(of: rows) }
  public func figure(_ totals: [Double], of rows: JudgedRows) -> Figure {
    Figure(ClassMarginals(totals).average(average) { $0.f1 }, otherwise: noWeight)
  }
}

private func classBasis(of rows: JudgedRows) -> (any Basis)? { rows.classes == nil ? nil : ClassBasis() }

/// Why a mean is none.
let noWeight = "no row weighs anything"
