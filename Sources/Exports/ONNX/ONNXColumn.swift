import Diagnostics
import Preparation
import Tables

/// A kind of column that knows its form in ONNX: what makes its features of raw values.
///
/// Its bits are those of its encoder: the same additions and multiplications in double precision, in their order, rounded to
/// single precision once. A column has one input, of the type that it is kept as:
///
/// | `storage` | the input | what is missing |
/// |---|---|---|
/// | `numbers` | float64 `[N]` | NaN |
/// | `words`, `texts` | text `[N]` | one of the texts that stand for a missing value, the empty one mostly |
/// | `instants` | int64 `[N]`: microseconds since 1970-01-01 00:00 UTC | the least int64, NumPy's NaT |
/// | `vectors` | float64 `[N, W]` | NaN all over |
///
/// A column of tokens has them as its input, int64 `[N, T]`: no operator takes texts apart as SentencePiece does.
public protocol ONNXColumn: ColumnKind {
  /// Adds what makes the features; returns them side by side, `[N, W]` in single precision.
  ///
  /// - Parameters:
  ///   - x: the raw values.
  ///   - fitted: what it was fitted to.
  ///   - missing: the texts that stand for a missing value, in their order.
  /// Throws unavailable (69) where its settings have no form in ONNX; the failure names no place.
  func append(
    to graph: ONNXGraph, _ x: ONNXValue, fitted: FittedColumn, missing: [String]
  ) throws -> ONNXValue
}

extension ONNXGraph {
  /// Adds an input for each column, and what makes features of them; returns these side by side, `[N, F]` in single precision.
  ///
  /// Throws unavailable (69) where a column has no form in ONNX.
  package func append(_ fitted: FittedTable, _ settings: TableSettings) throws -> ONNXValue {
    // Throws where they do not belong together.
    let encoders = try fitted.encoders(settings)
    let missing = settings.missing.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    // All of them first, so that no other value takes a column's name.
    let inputs = try zip(settings.columns, fitted.columns).map { try input($0, $1.fitted) }
    var features: [ONNXValue] = []
    for (number, column) in settings.columns.enumerated() {
      place = column.name
      do {
        guard let known = column.kind as? any ONNXColumn else {
          throw ONNXMisfit("\(column.word) has no form in ONNX", cure: "make it an ONNXColumn, or leave the column out")
        }
        let own = try known.append(to: self, inputs[number], fitted: fitted.columns[number].fitted, missing: missing)
        features.append(own)
      } catch let misfit as ONNXMisfit {
        throw Failure(.unavailable, at: "column '\(column.name)'", "\(misfit)", cure: misfit.cure)
      }
    }
    place = ""
    precondition(encoders.count == features.count, "\(features.count) of \(encoders.count) columns")
    return add("Concat", all: features, as: "features", with: ["axis": .int(1)])
  }

  private func input(_ column: TableSettings.Column, _ fitted: FittedColumn) throws -> ONNXValue {
    if let tokens = column.kind as? TokensColumn {
      return try input(column.name, .int64, [tokens.length], notes: "tokens, as the vocabulary beside it tells them")
    }
    return switch column.kind.storage {
    case .numbers: try input(column.name, .float64, [], notes: "a number; NaN where there is none")
    case .words, .texts: try input(column.name, .text, [], notes: "a text; empty where there is none")
    case .instants:
      try input(
        column.name, .int64, [],
        notes: "microseconds since 1970-01-01 00:00 UTC; the least of all numbers where there is none")
    case .vectors:
      try input(
        column.name, .float64, [Int(try fitted.number("width"))], notes: "numbers; NaN all over where there are none")
    }
  }
}

/// Something has no form in ONNX.
package struct ONNXMisfit: Error, CustomStringConvertible {
  package let description: String
  /// What to do.
  package let cure: String

  package init(_ description: String, cure: String) { (self.description, self.cure) = (description, cure) }
}
