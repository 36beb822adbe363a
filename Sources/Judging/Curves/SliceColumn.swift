import Foundation

/// A column that rows are sliced by: the values that slices are of, and which of them each row has.
///
/// ```swift
/// var reading = SliceColumn.Reading()
/// for age in ["23", "41", nil, "35"] { reading.add(age) }
/// let column = reading.column(named: "age")
/// ```
/// A column of more than ten different numbers, or of dates as `2024-02-29`, is cut into quarters of as many rows, as far as equal
/// values, which stay together, allow.
public struct SliceColumn: Sendable, Equatable {
  public let name: String
  public let values: [String]
  /// The place of each row's value in `values`; below 0 where it has none.
  public let codes: [Int32]
  /// Whether the values have an order, as numbers have.
  public let isOrdered: Bool

  public init(_ name: String, values: [String], codes: [Int32], isOrdered: Bool = false) {
    (self.name, self.values, self.codes, self.isOrdered) = (name, values, codes, isOrdered)
  }

  /// Different numbers of which each is a slice of its own, at most.
  static let mostNumbers = 10

  /// The same of some rows, in their order.
  package func taking(_ rows: some Sequence<Int>) -> SliceColumn {
    SliceColumn(name, values: values, codes: rows.map { codes[$0] }, isOrdered: isOrdered)
  }

  /// The values of a column as they come, row by row.
  public struct Reading: Sendable {
    private var words: [String] = []
    private var places: [String: Int32] = [:]
    private var codes: [Int32] = []

    public init() {}

    /// The next row's; nil: it has none.
    public mutating func add(_ text: String?) {
      guard let text else { return codes.append(-1) }
      if let place = places[text] { return codes.append(place) }
      let place = Int32(words.count)
      places[text] = place
      words.append(text)
      codes.append(place)
    }

    /// What the column is, of all rows.
    public func column(named name: String) -> SliceColumn {
      let numbers = words.map { Double($0.trimmingCharacters(in: .whitespaces)) ?? .nan }
      let areNumbers = numbers.allSatisfy(\.isFinite)
      let areDates = !areNumbers && words.allSatisfy(Self.isDate)
      guard !words.isEmpty, areNumbers || areDates else { return SliceColumn(name, values: words, codes: codes) }
      // By value; of dates by their texts, which have that order.
      let order = words.indices.sorted {
        areNumbers ? (numbers[$0], words[$0]) < (numbers[$1], words[$1]) : words[$0] < words[$1]
      }
      guard words.count > SliceColumn.mostNumbers else {
        var ranks = [Int32](repeating: 0, count: words.count)
        for (rank, word) in order.enumerated() { ranks[word] = Int32(rank) }
        return SliceColumn(
          name, values: order.map { words[$0] }, codes: codes.map { $0 < 0 ? -1 : ranks[Int($0)] }, isOrdered: true)
      }
      return quarters(name, order)
    }

    private static func isDate(_ text: String) -> Bool {
      let bytes = Array(text.utf8.prefix(10))
      return bytes.count == 10
        && bytes.enumerated().allSatisfy { place, byte in
          place == 4 || place == 7 ? byte == 0x2D : (0x30...0x39).contains(byte)
        }
    }

    /// Of words in their order four slices, each up to the value of the last of so many rows.
    private func quarters(_ name: String, _ order: [Int]) -> SliceColumn {
      var counts = [Int](repeating: 0, count: words.count)
      for code in codes where code >= 0 { counts[Int(code)] += 1 }
      let total = counts.reduce(0, +)
      var (ends, sum) = ([Int](), 0)
      for (rank, word) in order.enumerated() {
        sum += counts[word]
        // One value may reach several quarters.
        let (before, after) = ((sum - counts[word]) * 4 / total, sum * 4 / total)
        if after > before, rank + 1 < order.count {
          ends.append(rank)
        }
      }
      var slices = [Int32](repeating: 0, count: words.count)
      for (rank, word) in order.enumerated() { slices[word] = Int32(ends.count { $0 < rank }) }
      let bounds = ends.map { words[order[$0]] }
      let values =
        bounds.isEmpty
        ? ["all"]
        : ["up to \(bounds[0])"] + zip(bounds, bounds.dropFirst()).map { "over \($0) to \($1)" }
          + ["over \(bounds[bounds.count - 1])"]
      return SliceColumn(name, values: values, codes: codes.map { $0 < 0 ? -1 : slices[Int($0)] }, isOrdered: true)
    }
  }
}
