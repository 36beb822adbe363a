import Diagnostics
import Metrics

/// Of the rows of each query, what the ranking of all classes comes to; see `RankingQueries`.
///
/// Classes are ranked by the mean of the probabilities that the query's rows give them, of rows in their order. A query's
/// relevant classes are the targets of its rows, each once, that are in the catalogue; a query without any does not count. It
/// weighs what its rows weigh on average, and resamples draw queries, not rows.
///
/// Letters: N rows, Q queries, K classes.
struct QueryBasis: Basis {
  let queries: RankingQueries
  let k: Int
  var key: String { "queries-\(k)-\(queries.known)-by-\(queries.column)" }

  /// What is computed of each query, and the place of its sum among the totals; behind them the weight stands.
  enum Term: Int, CaseIterable { case ndcg, hit, recall, averagePrecision }

  func prepared(_ rows: JudgedRows) throws -> any PreparedBasis {
    guard let classes = rows.classes else { throw Undefined("no classes are predicted") }
    let column = try rows.words(of: queries.column)
    let known = queries.known == .removed ? try KnownItems(rows.trainingTruth(), queries.column, column.words) : nil
    let groups = try groups(rows, column)
    var (ranking, places, weights) = (Ranking(classes), [Int32](), [Double]())
    var terms = Term.allCases.map { _ in [Double]() }
    for group in groups {
      SignsOfLife.note()
      guard let items = ranking.items(group.rows, without: known?.items(of: group.code) ?? [], within: k) else {
        continue
      }
      places.append(group.first)
      weights.append(group.weight)
      for (term, value) in zip(Term.allCases, [items.ndcg, items.hit, items.recall, items.averagePrecision]) {
        terms[term.rawValue].append(value)
      }
    }
    guard !places.isEmpty else {
      throw Undefined("no \(queries.column) has a target that is new: training rows have all of them")
    }
    return PreparedQueries(
      places: RowNumbers(places), weights: RowNumbers(weights), terms: terms.map { RowNumbers($0) })
  }

  /// The rows of a query, by their places in the content; its first one among the judged rows, and what it weighs.
  private struct Group {
    var code: Int
    var first: Int32
    var rows: [Int]
    var weight: Double
  }

  /// In the order of their first rows.
  private func groups(
    _ rows: JudgedRows, _ column: (codes: RowNumbers<Int32>, words: [String])
  ) throws(Undefined) -> [Group] {
    var (places, groups) = ([Int](repeating: -1, count: column.words.count), [Group]())
    let own = rows.ownWeights
    for place in 0..<rows.count {
      let row = rows.row(place)
      let code = Int(column.codes[row])
      guard code >= 0 else { throw Undefined("there is no \(queries.column) in row \(row + 1)") }
      if places[code] < 0 {
        places[code] = groups.count
        groups.append(Group(code: code, first: Int32(place), rows: [], weight: 0))
      }
      groups[places[code]].rows.append(row)
      groups[places[code]].weight += own?[place] ?? 1
    }
    for place in groups.indices { groups[place].weight /= Double(groups[place].rows.count) }
    return groups
  }
}

/// The classes that the training rows of each query have.
private struct KnownItems {
  /// By query, one behind the other; the first one of each, and behind them how many there are.
  private var classes: [Int32]
  private var starts: [Int]

  init(_ training: TrainingTruth, _ column: String, _ words: [String]) throws {
    guard case .classes(let targets) = training.targets else { throw Undefined("the training rows have no classes") }
    let codes = try training.codes(of: column, among: words)
    starts = [Int](repeating: 0, count: words.count + 1)
    for code in codes where code >= 0 { starts[Int(code) + 1] += 1 }
    for place in words.indices { starts[place + 1] += starts[place] }
    classes = [Int32](repeating: 0, count: starts[words.count])
    var next = starts
    for (row, code) in codes.enumerated() where code >= 0 {
      classes[next[Int(code)]] = targets[row]
      next[Int(code)] += 1
    }
  }

  func items(of query: Int) -> ArraySlice<Int32> { classes[starts[query]..<starts[query + 1]] }
}

/// Ranks classes, in memory that is made once.
private struct Ranking {
  private let classes: JudgedClasses
  /// K; those of classes that are taken out are -1.
  private var scores: [Double]
  private var isRelevant: [Bool]

  init(_ classes: JudgedClasses) {
    self.classes = classes
    scores = [Double](repeating: 0, count: classes.names.count)
    isRelevant = [Bool](repeating: false, count: classes.names.count)
  }

  /// The ranking of the classes but for those that are taken out; nil where no relevant one is left.
  mutating func items(_ rows: [Int], without known: ArraySlice<Int32>, within k: Int) -> RankedItems? {
    classes.sumProbabilities(rows, into: &scores)
    for number in known { scores[Int(number)] = -1 }
    var wanted: [Int] = []
    for row in rows {
      let target = classes.target(row)
      guard scores[target] >= 0, !isRelevant[target] else { continue }
      isRelevant[target] = true
      wanted.append(target)
    }
    for number in wanted { isRelevant[number] = false }
    guard !wanted.isEmpty else { return nil }
    var relevant: [Double: Int] = [:]
    for number in wanted { relevant[scores[number], default: 0] += 1 }
    let ties = relevant.sorted { $0.key > $1.key }.map { score, count in
      var (above, equal) = (0, 0)
      for other in scores {
        above += other > score ? 1 : 0
        equal += other == score ? 1 : 0
      }
      return RankedItems.Tie(above: above, count: equal, relevant: count)
    }
    return RankedItems(ties, within: k)
  }
}

private struct PreparedQueries: PreparedBasis {
  /// The first row of each query, whose draws are the query's.
  let places: RowNumbers<Int32>
  /// What each weighs itself.
  let weights: RowNumbers<Double>
  let terms: [RowNumbers<Double>]

  var work: Int { (1 + terms.count) * places.count }
  var units: (count: Int, name: String)? { (places.count, "queries") }

  /// Σ w·x of each term, and Σ w.
  func totals(_ rows: RowWeights) -> [Double] {
    var totals = [Double](repeating: 0, count: terms.count + 1)
    for query in 0..<places.count {
      let weight = rows.draws(of: Int(places[query])) * weights[query]
      for (term, values) in terms.enumerated() { totals[term] += weight * values[query] }
      totals[terms.count] += weight
    }
    return totals
  }
}

extension RankingMetric where Self: JudgedMetric {
  /// Of rows that are queries each, what the place of their true class gives; of queries of several rows their term.
  func basis(of rows: JudgedRows, _ word: String, _ gain: @escaping @Sendable (_ place: Int) -> Double) -> (any Basis)?
  {
    guard let classes = rows.classes else { return nil }
    if let queries { return QueryBasis(queries: queries, k: k) }
    let k = k
    return MeanBasis("\(word)-\(k)") { _, row in TruePlace(classes, row).mean(within: k, gain) }
  }

  func figure(_ totals: [Double], _ term: QueryBasis.Term) -> Figure {
    guard queries != nil else { return meanFigure(totals) }
    return meanFigure([totals[term.rawValue], totals[QueryBasis.Term.allCases.count]])
  }
}
