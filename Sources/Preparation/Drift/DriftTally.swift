import Diagnostics
import Tables
import Tensors

/// Counts how the rows that are predicted are distributed, beside those of training.
struct DriftTally {
  private let name: String
  private let distribution: Distribution
  /// Of the distribution's bins.
  private var counts: [Int]
  private var rows = 0
  /// Rows below the least or above the largest value, or with a word that training rows have not.
  private var strange = 0

  /// A population stability index above this is much (Siddiqi, Credit Risk Scorecards, 2006).
  private static let much = 0.25
  /// Fewer rows differ by chance.
  private static let fewest = 100

  init(_ name: String, _ distribution: Distribution) {
    (self.name, self.distribution) = (name, distribution)
    counts = [Int](repeating: 0, count: distribution.shares.count)
  }

  mutating func add(_ values: ColumnValues) {
    rows += values.count
    let before = counts.dropLast().reduce(0, +)
    switch values.coded {
    case .numbers(let numbers): add(numbers)
    case .instants(let instants): add(instants.map { $0 == CodedColumn.missingInstant ? .nan : Double($0) })
    case .codes:
      let words = distribution.words ?? []
      for place in values.places(in: words) where place != Code.missing {
        counts[place >= 0 ? Int(place) : words.count] += 1
        if place < 0 { strange += 1 }
      }
    case .texts, .vectors: return
    }
    counts[counts.count - 1] += values.count - (counts.dropLast().reduce(0, +) - before)
  }

  /// NaN where there is none.
  private mutating func add(_ numbers: [Double]) {
    numbers.withUnsafeBufferPointer { distribution.add($0, to: &counts) }
    guard let range = distribution.range, case let (least, most) = (range[0], range[1]) else { return }
    var outside = 0
    for number in numbers { outside &+= (number < least ? 1 : 0) &+ (number > most ? 1 : 0) }
    strange += outside
  }

  /// How many rows there were, how many strange ones, and how many each bin holds: these add up over parts of the rows.
  var tally: [Int] { [rows, strange] + counts }

  /// What is to be told of rows with such a tally; nil where they are like those of training.
  func finding(of tally: ArraySlice<Int>) -> String? {
    let (rows, strange, counts) = (tally[tally.startIndex], tally[tally.startIndex + 1], tally.dropFirst(2))
    guard rows >= Self.fewest else { return nil }
    let index = zip(distribution.shares, counts).reduce(0) { sum, bin in
      // An empty bin would make it infinite.
      let (expected, found) = (max(bin.0, 1e-4), max(Double(bin.1) / Double(rows), 1e-4))
      return sum + (found - expected) * Self.logarithm(found / expected)
    }
    // Training rows have seldom words as well.
    let usual = 0.01 + (distribution.words.map { distribution.shares[$0.count] } ?? 0)
    var parts: [String] = []
    if index > Self.much { parts.append("population stability index \(fixed(index, 2)), above 0.25 is much") }
    if Double(strange) > usual * Double(rows) {
      let share = "\(fixed(100 * Double(strange) / Double(rows), 1)) %"
      if let range = distribution.range, case let (least, most) = (range[0], range[1]) {
        parts.append(
          "\(share) outside of what training rows have\(isNumeric ? ", \(shortest(least)) to \(shortest(most))" : "")")
      } else {
        parts.append("\(share) with a word that training rows have seldom or not")
      }
    }
    return parts.isEmpty
      ? nil : "column '\(name)': \(grouped(rows)) rows are not like those of training: \(parts.joined(separator: "; "))"
  }

  /// Points in time are told by no number.
  private var isNumeric: Bool { (distribution.range?[1]).map { abs($0) < 1e12 } ?? false }

  private static func logarithm(_ ratio: Double) -> Double {
    ratio >= 1 ? PortableMath.signedLog1p(ratio - 1) : -PortableMath.signedLog1p(1 / ratio - 1)
  }
}
