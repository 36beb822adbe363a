import Diagnostics

/// The rows of one column as they come, one after the other.
///
/// Each row is given by the call for the column's type, or by `appendMissing`.
package struct RawColumnBuilder {
  package let type: RawType
  /// How many numbers a vector has; 1 elsewhere.
  package let width: Int
  /// How many rows there are.
  package private(set) var count = 0
  /// What the rows take, about.
  package var byteCount: Int { bytes.count + count * bytesPerRow }
  /// What a row takes beside its text.
  package var bytesPerRow: Int { 8 * width + 1 }

  /// Of numbers and vectors. What is appended here is a row once `endRow` says so.
  var numbers: [Double] = []
  /// Of texts. What is appended here is a row once `endText` says so.
  var bytes: [UInt8] = []
  private var bounds: [UInt32] = []
  /// Of integers and instants.
  private var integers: [Int64] = []
  /// Numbers that are no integers, by row, in a column of integers.
  private var fractions: [Int: Double] = [:]
  private var booleans: [Bool] = []
  private var days: [Int32] = []
  private var isMissing: [Bool] = []
  private var hasMissing = false

  package init(_ type: RawType, width: Int = 1) { (self.type, self.width) = (type, width) }

  package mutating func append(number: Double) {
    numbers.append(number)
    endRow()
  }

  /// An integer, or an instant.
  package mutating func append(integer: Int64) {
    integers.append(integer)
    endRow()
  }

  /// A number that is none, in a column of integers. See `taken`.
  package mutating func append(fraction: Double) {
    fractions[count] = fraction
    append(integer: 0)
  }

  package mutating func append(boolean: Bool) {
    booleans.append(boolean)
    endRow()
  }

  package mutating func append(day: Int32) {
    days.append(day)
    endRow()
  }

  package mutating func append(text: some Sequence<UInt8>) {
    let start = bytes.count
    bytes.append(contentsOf: text)
    endText(from: start)
  }

  package mutating func appendMissing() {
    switch type {
    case .number, .vector: numbers.append(contentsOf: repeatElement(0, count: width))
    case .integer, .instant: integers.append(0)
    case .boolean: booleans.append(false)
    case .day: days.append(0)
    case .text:
      bounds.append(UInt32(bytes.count))
      bounds.append(UInt32(bytes.count))
    }
    isMissing.append(true)
    hasMissing = true
    count += 1
  }

  /// What `bytes` have from `start` on is the next row's text.
  mutating func endText(from start: Int) {
    bounds.append(UInt32(start))
    bounds.append(UInt32(bytes.count))
    endRow()
  }

  mutating func endRow() {
    isMissing.append(false)
    count += 1
  }

  /// The rows that there are, which go.
  ///
  /// Integers with fractions among them are texts, each as it would be in a column of its own kind: a double does not hold
  /// all integers, and what a row says does not depend on those beside it.
  package mutating func taken() -> RawColumn {
    defer { self = RawColumnBuilder(type, width: width) }
    let values: RawColumn.Values =
      switch type {
      case .number: .numbers(numbers)
      case .vector: .vectors(numbers, width: width)
      case .integer where fractions.isEmpty: .integers(integers)
      case .integer: .texts(TextCells(integers.enumerated().map { fractions[$0].map(shortest) ?? "\($1)" }))
      case .instant: .instants(integers)
      case .boolean: .booleans(booleans)
      case .day: .days(days)
      case .text: .texts(TextCells(bytes: bytes, bounds: bounds, count: count))
      }
    return RawColumn(values, isMissing: hasMissing ? isMissing : [])
  }
}
