/// Of what is relevant to a query, the part that is among the k first of all classes by score; the mean over the queries. Equal
/// scores share what their places give.
///
/// Where each row is a query of its own it is the hit rate.
public struct RecallAtK: RankingMetric {
  public static let kind = "recall-at-k"
  public static let summary = "of what is relevant to a row or query the part among the k first of all"
  public static let word = "recall at"
  public let k: Int
  public let queries: RankingQueries?

  public init(k: Int, queries: RankingQueries?) { (self.k, self.queries) = (k, queries) }
}
