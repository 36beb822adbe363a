import Diagnostics
import Goldens
import Judging
import Metrics
import Testing

/// Rankings by queries, and errors in units of naive forecasts, against `Tests/Goldens/make-rankings.py`.
@Suite struct RankingTests {
  private let goldens: RankingGoldens

  init() throws { goldens = try golden("rankings.json") }

  @Test func rankingsAreThoseOfEveryOrder() throws {
    #expect(goldens.rankings.count == 11)
    for golden in goldens.rankings {
      let rows = try golden.judged()
      let found = Judge(golden.all, resamples: Resamples(count: 0)).judge(rows)
      #expect(golden.metrics.count == 4 && found.order.count == 4)
      for (key, expected) in golden.metrics {
        let value = try #require(found.figures[key]?.value.value, "\(golden.name): \(key)")
        #expect(abs(value - expected) < 1e-12, "\(golden.name): \(key): expected \(expected), found \(value)")
      }
      let queries = try #require(golden.all[0].basis(of: rows)).prepared(rows).units
      #expect(queries?.count == golden.queries && queries?.name == "queries")
    }
  }

  @Test func errorsAreInUnitsOfTheForecasts() throws {
    #expect(goldens.scaled.count == 4)
    let metric = MeanAbsoluteScaledError(naive: "before", by: "city")
    for golden in goldens.scaled {
      let found = Judge([metric], resamples: Resamples(count: 0)).judge(try golden.judged())
      let value = try #require(found.figures["mean-absolute-scaled-error"]?.value.value)
      #expect(abs(value - golden.error) < 1e-12, "\(golden.name): expected \(golden.error), found \(value)")
    }
  }

  /// A resample has all rows of a query or none: where each query is one row many times, the interval is that of the few queries.
  @Test func intervalsResampleQueries() throws {
    let queries = 40
    func rows(_ each: Int) throws -> JudgedRows {
      var (p, targets, codes) = ([Float](), [Int32](), [Int32]())
      for row in 0..<queries * each {
        let query = row % queries
        p += query % 3 == 0 ? [0.7, 0.2, 0.1] : [0.1, 0.2, 0.7]
        targets.append(0)
        codes.append(Int32(query))
      }
      return try JudgedRows(
        JudgedClasses(names: ["a", "b", "c"], probabilities: RowNumbers(p), targets: RowNumbers(targets))
      ).with(
        columns: ["user": .words(RowNumbers(codes), (0..<queries).map { "\($0)" })],
        training: TrainingTruth(.classes(RowNumbers([])), columns: ["user": .words(RowNumbers([]), [])]))
    }
    let metric = HitRate(k: 1, queries: RankingQueries(by: "user"))
    func width(_ each: Int) throws -> Double {
      let figure = try #require(Judge([metric]).judge(rows(each)).figures["hit-rate-1-by-user"])
      #expect(figure.value == .value(14.0 / 40))
      let bounds = try #require(figure.interval?.bounds)
      return bounds.high - bounds.low
    }
    let (once, often) = (try width(1), try width(50))
    #expect(once > 0.2 && abs(often / once - 1) < 0.15, "\(once), \(often)")
    // Slices have queries of their own.
    let some = Judge([metric], resamples: Resamples(count: 100)).judge(try rows(50).selecting([0, 40, 80, 1, 41, 2]))
    #expect(some.figures["hit-rate-1-by-user"]?.value == .value(1.0 / 3))
    let few = Judge([metric], resamples: Resamples(count: 100)).judge(
      try rows(50).selecting((0..<50).flatMap { [Int32(40 * $0), Int32(40 * $0 + 1)] }))
    #expect(few.figures["hit-rate-1-by-user"]?.interval == .refused("2 queries are too few"))
  }

  /// What cannot be said is told with its reason.
  @Test func reasons() throws {
    let golden = goldens.rankings[0]
    let (rows, ranked) = (try golden.judged(), [NDCG(k: 3, queries: RankingQueries(by: "user"))])
    func reason(_ rows: JudgedRows, _ metrics: [any JudgedMetric]) -> String {
      switch Judge(metrics, resamples: Resamples(count: 0)).judge(rows).inOrder[0].figure.value {
      case .value(let value): "\(value)"
      case .undefined(let reason): reason
      }
    }
    #expect(reason(rows.with(columns: [:], training: rows.training), ranked) == "the rows have no column user")
    #expect(
      reason(rows.with(columns: rows.columns, training: nil), ranked)
        == "the training rows are not there to be looked at")
    let nobody = JudgedColumn.words(RowNumbers([Int32](repeating: -1, count: rows.count)), ["a"])
    #expect(
      reason(rows.with(columns: ["user": nobody], training: rows.training), ranked) == "there is no user in row 1")
    let known = TrainingTruth(.classes(RowNumbers(golden.targets)), columns: ["user": rows.columns["user"]!])
    #expect(
      reason(rows.with(columns: rows.columns, training: known), ranked)
        == "no user has a target that is new: training rows have all of them")
    let numbers = try goldens.scaled[0].judged()
    func error(_ by: String?) -> [any JudgedMetric] { [MeanAbsoluteScaledError(naive: "before", by: by)] }
    func training(_ forecast: (Double) -> Float, city: String = "city 1") -> JudgedRows {
      numbers.with(
        columns: numbers.columns,
        training: TrainingTruth(
          .numbers(RowNumbers([1, 2])),
          columns: [
            "before": .numbers(RowNumbers([forecast(1), forecast(2)])), "city": .words(RowNumbers([0, 0]), [city]),
          ]))
    }
    #expect(reason(training { Float($0) }, error(nil)) == "the naive forecast (before) is right in each training row")
    #expect(reason(training { _ in .nan }, error(nil)) == "no training row has a naive forecast (before)")
    #expect(
      reason(training({ Float($0 + 1) }, city: "nowhere"), error("city"))
        .contains("no training row with city city "))
    #expect(reason(training { Float($0 + 1) }, [MeanAbsoluteScaledError(naive: "none")]).contains("no column none"))
  }
}

private struct RankingGoldens: Decodable {
  let rankings: [RankingCase]
  let scaled: [ScaledCase]
}

private struct RankingCase: Decodable {
  let name: String
  let classes: Int
  let k: Int
  let known: String
  let probabilities: [Float]
  let targets: [Int32]
  let users: [String]
  let weights: [Double]?
  let trainingTargets: [Int32]
  let trainingUsers: [String]
  let queries: Int
  let metrics: [String: Double]

  var all: [any JudgedMetric] {
    let queries = RankingQueries(by: "user", known: RankingQueries.KnownItems(rawValue: known)!)
    return [
      NDCG(k: k, queries: queries), HitRate(k: k, queries: queries), RecallAtK(k: k, queries: queries),
      MeanAveragePrecision(k: k, queries: queries),
    ]
  }

  func judged() throws -> JudgedRows {
    let names = (0..<classes).map { "item \($0)" }
    let judged = JudgedClasses(
      names: names, probabilities: RowNumbers(probabilities), targets: RowNumbers(targets))
    return try JudgedRows(judged, weights: weights.map { RowNumbers($0) }).with(
      columns: ["user": words(users)],
      training: TrainingTruth(.classes(RowNumbers(trainingTargets)), columns: ["user": words(trainingUsers)]))
  }
}

private struct ScaledCase: Decodable {
  struct Row: Decodable {
    let target: Double
    let forecast: Float?
    let city: String

    init(from decoder: any Decoder) throws {
      var values = try decoder.unkeyedContainer()
      target = try values.decode(Double.self)
      forecast = try values.decodeIfPresent(Float.self)
      city = try values.decode(String.self)
    }
  }

  let name: String
  let predictions: [Double]
  let targets: [Double]
  let cities: [String]
  let weights: [Double]?
  let training: [Row]
  let error: Double

  func judged() throws -> JudgedRows {
    let numbers = JudgedNumbers(name: "sales", predictions: RowNumbers(predictions), targets: RowNumbers(targets))
    return try JudgedRows(numbers, weights: weights.map { RowNumbers($0) }).with(
      columns: ["city": words(cities)],
      training: TrainingTruth(
        .numbers(RowNumbers(training.map(\.target))),
        columns: [
          "city": words(training.map(\.city)), "before": .numbers(RowNumbers(training.map { $0.forecast ?? .nan })),
        ]))
  }
}

/// A column of words, in the order in which they come.
private func words(_ all: [String]) -> JudgedColumn {
  var (codes, distinct) = ([Int32](), [String]())
  for word in all {
    if !distinct.contains(word) { distinct.append(word) }
    codes.append(Int32(distinct.firstIndex(of: word)!))
  }
  return .words(RowNumbers(codes), distinct)
}
