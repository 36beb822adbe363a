import Diagnostics

/// What makes the bytes of rows for a format in which those of some rows do not depend on the rows before them, as lines of
/// text: ranks make them side by side, and rank zero writes them one after the other.
public protocol PredictionLines: Sendable {
  /// What the rows are in the file.
  func bytes(of predictions: Predictions) -> [UInt8]
}

extension [UInt8] {
  /// The bytes of a text behind those that there are.
  mutating func append(text: String) {
    var text = text
    text.withUTF8 { append(contentsOf: $0) }
  }
}

extension PredictionForm {
  /// A number with as many digits as are wanted.
  func text(_ number: Float) -> String { decimals.map { fixed(Double(number), $0) } ?? number.description }
}
