/// A user's mistake or a fault of the surroundings, told in one line: where, what, and the cure.
///
/// ```swift
/// throw Failure(.badData, at: "iris.csv:12", "expected 5 columns, found 4", cure: "complete or delete the row")
/// // iris.csv:12: expected 5 columns, found 4; complete or delete the row
/// ```
public struct Failure: Error, Equatable, Sendable, CustomStringConvertible {
  /// What the process exits with.
  public let code: ExitCode
  /// One line, without the name of the program or the rank.
  public let description: String

  /// Joins place, fault and cure into one line; line breaks in any of them become spaces.
  public init(_ code: ExitCode, at place: String? = nil, _ fault: String, cure: String? = nil) {
    self.code = code
    let line = (place.map { "\($0): " } ?? "") + fault + (cure.map { "; \($0)" } ?? "")
    description = String(line.map { $0.isNewline ? " " : $0 })
  }
}

extension Failure {
  /// A failed system call, with the text of `errno`: `open runs/a: Permission denied; cure`.
  ///
  /// ENOENT, EACCES and EISDIR while reading are a missing input (66), everything else is input or output (74).
  public static func system(
    _ call: String, _ path: String, errno code: Int32, reading: Bool = false, cure: String? = nil
  ) -> Failure {
    let missing = reading && [ENOENT, EACCES, EISDIR, ENOTDIR, ELOOP].contains(code)
    return Failure(
      missing ? .missingInput : .inputOutput, at: path, "\(call): \(String(cString: strerror(code)))", cure: cure)
  }
}

#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif
