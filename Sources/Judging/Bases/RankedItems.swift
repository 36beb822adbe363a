import Foundation

/// What a ranking of one query comes to, where each order of items with equal scores is as likely as any other.
///
/// Letters: k places that count, R relevant items. Of the items with one score: a items are before them, h of these relevant; g
/// have the score, r of these relevant.
struct RankedItems {
  /// Items with one score, some of which are relevant.
  struct Tie {
    let above: Int
    let count: Int
    let relevant: Int
  }

  private let k: Int
  private let relevant: Int
  /// Those that reach into the k first places, in their order, each with h.
  private let ties: [(tie: Tie, hits: Int)]

  /// All ties that have a relevant item, in the order of their scores, from the highest on.
  init(_ ties: [Tie], within k: Int) {
    self.k = k
    var (hits, all) = (0, [(tie: Tie, hits: Int)]())
    for tie in ties {
      if tie.above < k { all.append((tie, hits)) }
      hits += tie.relevant
    }
    (self.ties, relevant) = (all, hits)
  }

  /// The places of a tie that count, from 1.
  private func places(_ tie: Tie) -> ClosedRange<Int> { tie.above + 1...min(tie.above + tie.count, k) }

  /// Σ 1 / log₂(1 + place) of what is relevant, by the most that this can be.
  var ndcg: Double {
    var gained = 0.0
    for (tie, _) in ties {
      let gains: Double = places(tie).reduce(0) { $0 + Self.gain($1) }
      gained += Double(tie.relevant) / Double(tie.count) * gains
    }
    let most: Double = (1...min(k, relevant)).reduce(0) { $0 + Self.gain($1) }
    return gained / most
  }

  private static func gain(_ place: Int) -> Double { 1 / log2(Double(place + 1)) }

  /// The chance that anything relevant is among the k first. Only a tie that reaches beyond them can have nothing there: none of
  /// the r in n of g places, of which the first is free of them by (g - r) / g, the second by (g - r - 1) / (g - 1), …
  var hit: Double {
    guard let first = ties.first?.tie else { return 0 }
    let places = places(first).count
    guard places < first.count else { return 1 }
    var chance = 1.0
    for place in 0..<places {
      chance *= Double(max(0, first.count - first.relevant - place)) / Double(first.count - place)
    }
    return 1 - chance
  }

  var recall: Double {
    var found = 0.0
    for (tie, _) in ties { found += Double(tie.relevant) * Double(places(tie).count) / Double(tie.count) }
    return found / Double(relevant)
  }

  /// Σ of the precision at each place times whether that place is relevant, by the most places that can be. The j-th place of a
  /// tie is relevant by r / g, and of the j - 1 before it (r - 1) / (g - 1) each are, where it is.
  var averagePrecision: Double {
    var sum = 0.0
    for (tie, hits) in ties {
      let chance = Double(tie.relevant) / Double(tie.count)
      let others = tie.count > 1 ? Double(tie.relevant - 1) / Double(tie.count - 1) : 0
      for place in places(tie) {
        let found = Double(hits + 1) + Double(place - tie.above - 1) * others
        sum += chance * found / Double(place)
      }
    }
    return sum / Double(min(k, relevant))
  }
}
