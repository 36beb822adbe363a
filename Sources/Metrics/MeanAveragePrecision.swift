/// The mean over the queries of Σ P(r) over the places r ≤ k of what is relevant, divided by how many places it can have there,
/// the smaller one of k and of how much is relevant. P(r) is the part of the r first that is relevant. Equal scores share what
/// their places give: it is the mean over all their orders.
///
/// Where each row is a query of its own, it is the mean of 1 / r, where the true class is the r-th.
public struct MeanAveragePrecision: RankingMetric {
  public static let kind = "mean-average-precision"
  public static let summary = "the mean precision at the places of what is relevant among the k first of all"
  public static let word = "mean average precision"
  public let k: Int
  public let queries: RankingQueries?

  public init(k: Int, queries: RankingQueries?) { (self.k, self.queries) = (k, queries) }
}
