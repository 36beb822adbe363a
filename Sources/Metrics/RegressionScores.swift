import Diagnostics
import Foundation

/// What one output of a regression scores by itself; see `RegressionMetrics`.
public struct RegressionScores: Sendable, Equatable {
  /// Mean of (p - t)², in the square of the truths' unit.
  public let meanSquaredError: Double
  /// Mean of |p - t|, in the truths' unit.
  public let meanAbsoluteError: Double
  /// The part of the truths' variance that the predictions explain; NaN for fewer than two samples.
  public let rSquared: Double
}

extension RegressionMetrics {
  /// A table of the scores of each output.
  ///
  /// ```
  ///          mean squared error  mean absolute error  r squared
  ///
  ///   price              0.0123               0.0871     0.9811
  ///  weight              1.5000               0.9000     0.7300
  /// ```
  ///
  /// One name an output; `digits` after the point. Ends with a line break.
  public func report(names: [String], digits: Int = 2) -> String {
    precondition(names.count == width, "expected \(width) names, found \(names.count)")
    return outputReport(
      names: names, columns: ["mean squared error", "mean absolute error", "r squared"], digits: digits
    ) {
      let scores = scores(of: $0)
      return [scores.meanSquaredError, scores.meanAbsoluteError, scores.rSquared]
    }
  }
}

/// A line an output: its name, and its scores under the heads of their columns.
func outputReport(
  names: [String], columns: [String], digits: Int, scores: (_ output: Int) -> [Double]
) -> String {
  labelledTable(
    columns: columns, rows: names.enumerated().map { output, name in (name, scores(output).map { fixed($0, digits) }) })
}

/// A line a row, its cells under the heads of their columns; `corner` stands over the names. Ends with a line break.
func labelledTable(corner: String = "", columns: [String], rows: [(name: String, cells: [String])]) -> String {
  // Names come from a file.
  let (columns, names) = (columns.map { $0.shown() }, rows.map { $0.name.shown() })
  let first = (names + [corner]).map(\.count).max() ?? 0
  let widths = columns.indices.map { column in
    ([columns[column]] + rows.map { $0.cells[column] }).map(\.count).max() ?? 0
  }
  func line(_ name: String, _ cells: [String]) -> String {
    name.indented(to: first) + zip(cells, widths).map { "  " + $0.indented(to: $1) }.joined() + "\n"
  }
  return line(corner, columns) + "\n" + zip(names, rows).map { line($0, $1.cells) }.joined()
}
