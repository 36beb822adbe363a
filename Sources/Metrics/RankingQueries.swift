import Configuration
import Diagnostics

/// Which rows belong to one query of a ranking: those of a user, say, whose targets are all relevant to it.
///
/// ```yaml
/// metrics: [{ndcg: {k: 10, by: user}}]
/// ```
/// All classes are the catalogue that is ranked, by the mean of what is said of them in the query's rows.
public struct RankingQueries: Hashable, Sendable {
  /// What becomes of the classes that the query's training rows have.
  public enum KnownItems: String, CaseIterable, Sendable {
    /// They are taken out of the catalogue: what is new to a user is looked for.
    case removed
    /// They are ranked among the others: a user may come back to them.
    case kept
  }

  /// The column whose value the rows of a query share.
  public let column: String
  public let known: KnownItems

  public init(by column: String, known: KnownItems = .removed) { (self.column, self.known) = (column, known) }

  /// `by` and `known`; nil where rows are queries of their own.
  init?(_ settings: ConfigReader) throws {
    let by = try settings.optionalString("by")
    settings.note("by", ": the column whose value the rows of a query share, none: each row is one")
    let known = try settings.option("known", default: KnownItems.removed)
    settings.note("known", ", what becomes of items that a query's training rows have")
    guard let by else {
      guard known == .removed else {
        throw settings.failure(
          at: "known", "expected by as well, the column that tells which training rows belong to a query, found none",
          cure: "name one, or leave known out")
      }
      return nil
    }
    self.init(by: by, known: known)
  }

  var columns: [MetricColumn] { [MetricColumn(column, .words)] }
}

/// A score of a ranking of all classes, of which the `k` first are looked at.
public protocol RankingMetric: WholeMetric {
  init(k: Int, queries: RankingQueries?)
  /// How many places count.
  var k: Int { get }
  /// Nil: each row is a query, with one relevant class.
  var queries: RankingQueries? { get }
  /// What reports call it before `k` is named.
  static var word: String { get }
}

extension RankingMetric {
  public init(k: Int = 10) { self.init(k: k, queries: nil) }
  public init(_ settings: ConfigReader) throws {
    self.init(k: try settings.int("k", default: 10, in: 1...), queries: try RankingQueries(settings))
  }

  /// `ndcg 10`, and of queries `ndcg 10 by user`.
  public var name: String { "\(Self.word) \(k)" + (queries.map { " by \($0.column)" } ?? "") }
  public var columns: [MetricColumn] { queries?.columns ?? [] }

  public static func fits(_ task: LearningTask) -> Bool { task.hasClasses }
}
