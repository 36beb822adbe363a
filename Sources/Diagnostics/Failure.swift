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

  /// Joins place, fault and cure into one line.
  ///
  /// Names that a file chose may be part of it: line breaks and other control characters, which a terminal would obey,
  /// become spaces, and what is longer than `longestPart` is cut off.
  public init(_ code: ExitCode, at place: String? = nil, _ fault: String, cure: String? = nil) {
    self.code = code
    let parts = [place.map { Self.line($0) + ": " }, Self.line(fault), cure.map { "; " + Self.line($0) }]
    description = parts.compactMap { $0 }.joined()
  }

  /// The longest place, fault or cure that is told whole, in Unicode scalars: a path of the system's limit fits.
  static let longestPart = 4096

  private static func line(_ text: String) -> String {
    var scalars = String.UnicodeScalarView()
    for (count, scalar) in text.unicodeScalars.enumerated() {
      guard count < longestPart else {
        scalars.append("…")
        break
      }
      switch scalar.properties.generalCategory {
      // After a carriage return, a line feed is no second break.
      case .control where scalar == "\n" && scalars.last == "\r": continue
      case .control, .lineSeparator, .paragraphSeparator: scalars.append(scalar == "\r" ? scalar : " ")
      default: scalars.append(scalar)
      }
    }
    return String(String.UnicodeScalarView(scalars.map { $0 == "\r" ? " " : $0 }))
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
      missing ? .missingInput : .inputOutput, at: path, "\(call): \(String(cString: strerror(code)))",
      cure: cure)
  }
}

#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif
