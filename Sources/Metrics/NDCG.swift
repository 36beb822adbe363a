/// Normalised discounted cumulative gain: Σ 1 / log₂(1 + r) over the places r ≤ k of what is relevant, divided by the most that
/// this can be; the mean over the queries (Järvelin, Kekäläinen 2002). Equal scores share what their places give.
///
/// Where each row is a query of its own, the true class is what is relevant, and the most is 1.
public struct NDCG: RankingMetric {
  public static let kind = "ndcg"
  public static let summary = "discounted gain of what is relevant among the k first of all, of a row or of a query"
  public static let word = "ndcg"
  public let k: Int
  public let queries: RankingQueries?

  public init(k: Int, queries: RankingQueries?) { (self.k, self.queries) = (k, queries) }
}
