import Diagnostics

/// What is wrong with a file, where it is not known which file, column and row group it is: that is added further out.
///
/// ```swift
/// throw Fault("expected 100 values in a page, found 7")
/// // a.parquet: column 'x', row group 3: expected 100 values in a page, found 7; write the file again
/// ```
struct Fault: Error {
  /// What was expected, and what was found.
  let text: String
  /// Where it is another than to get the file anew.
  let cure: String?

  init(_ text: String, cure: String? = nil) { (self.text, self.cure) = (text, cure) }

  /// One line, with the place: bad data (65).
  func failure(_ path: String, _ place: String? = nil) -> Failure {
    Failure(
      .badData, at: path, place.map { "\($0): \(text)" } ?? text,
      cure: cure ?? "the file is damaged: fetch it again, or write it again")
  }
}
