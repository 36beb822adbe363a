import Files
import Tables

/// Rows of as many numbers each. Letters: R rows, W numbers of a row.
package struct VectorRows: Sendable {
  /// R×W, row-major; NaN in rows that have none.
  package var numbers: [Double]
  /// W; 0 where no row has told it yet.
  package let width: Int
  /// R
  package let count: Int

  /// Rows without a value.
  init(missing count: Int, width: Int) {
    (numbers, self.width, self.count) = ([Double](repeating: .nan, count: count * width), width, count)
  }

  init(_ numbers: [Double], width: Int, count: Int) {
    precondition(numbers.count == width * count, "\(numbers.count) numbers in \(count) rows of \(width)")
    (self.numbers, self.width, self.count) = (numbers, width, count)
  }

  func isMissing(_ row: Int) -> Bool { width == 0 || numbers[row * width].isNaN }

  func filtered(_ keeps: [Bool]) -> VectorRows {
    let rows = keeps.indices.filter { keeps[$0] }
    return VectorRows(
      rows.flatMap { numbers[$0 * width..<($0 + 1) * width] }, width: width, count: rows.count)
  }

  /// A number of each row; NaN where there is none.
  func column(_ place: Int) -> [Double] {
    (0..<count).map { place < width ? numbers[$0 * width + place] : .nan }
  }
}

/// Writes rows of numbers to a file, some at a time.
final class VectorWriter {
  private let path: String
  private var file: ArrayWriter<Double>?
  private var width = 0
  /// Rows without a value that came before any told the width.
  private var waiting = 0

  init(_ path: String) { self.path = path }

  func append(contentsOf rows: VectorRows) throws {
    guard rows.width > 0 else {
      waiting += rows.count
      return
    }
    try open(width: rows.width).append(contentsOf: rows.numbers)
  }

  private func open(width: Int) throws -> ArrayWriter<Double> {
    if let file { return file }
    let made = try ArrayWriter<Double>(path, width: width, isKept: false)
    (file, self.width) = (made, width)
    for _ in 0..<waiting { try made.append(contentsOf: repeatElement(.nan, count: width)) }
    return made
  }

  func finish() throws -> CollectedTable.Values {
    // Of a column without any value, one NaN a row.
    let file = try open(width: 1)
    return .vectors(try file.finish(), width: width)
  }
}
