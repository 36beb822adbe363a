/// The weighted mean of a term of each row.
package struct MeanBasis: Basis {
  package let key: String
  private let term: @Sendable (JudgedRows, Int) throws -> Double

  /// `term` gives that of a row of the content, or throws why there can be no mean.
  package init(_ key: String, _ term: @escaping @Sendable (_ rows: JudgedRows, _ row: Int) throws -> Double) {
    (self.key, self.term) = (key, term)
  }

  package func prepared(_ rows: JudgedRows) throws -> any PreparedBasis {
    var terms: [Double] = []
    terms.reserveCapacity(rows.count)
    for place in 0..<rows.count { terms.append(try term(rows, rows.row(place))) }
    return PreparedMean(terms: RowNumbers(terms))
  }
}

private struct PreparedMean: PreparedBasis {
  let terms: RowNumbers<Double>
  var work: Int { terms.count }

  /// Σ w·x, Σ w.
  func totals(_ weights: RowWeights) -> [Double] {
    let (sum, weight) = RowNumbers<Double>.weightedSum(terms, weights)
    return [sum, weight]
  }
}

/// The mean that the totals of a `MeanBasis` come to.
package func meanFigure(_ totals: [Double]) -> Figure {
  Figure(totals[1] > 0 ? totals[0] / totals[1] : nil, otherwise: noWeight)
}
