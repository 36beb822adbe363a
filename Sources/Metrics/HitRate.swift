/// The part of the queries that have anything relevant among the k first of all classes by score. Equal scores share what
/// their places give: it is the chance of a hit where their order is drawn.
public struct HitRate: RankingMetric {
  public static let kind = "hit-rate"
  public static let summary = "the part of rows or queries with anything relevant among the k first of all"
  public static let word = "hit rate"
  public let k: Int
  public let queries: RankingQueries?

  public init(k: Int, queries: RankingQueries?) { (self.k, self.queries) = (k, queries) }
}
