import Diagnostics
import Files
import Foundation

/// `metrics.jsonl`: one JSON object a line, appended as the run goes.
final class MetricsLog: Sendable {
  /// A number, as JSON writes it; null where it is not finite.
  enum Value {
    case int(Int)
    case number(Double)

    var json: String {
      switch self {
      case .int(let value): "\(value)"
      case .number(let value): value.isFinite ? "\(value)" : "null"
      }
    }
  }

  private let path: String
  private let descriptor: Int32

  /// Opens the log of a run directory, and drops what was written after step `last` of a run that is resumed.
  init(directory: String, keepingThrough last: Int) throws {
    path = "\(directory)/metrics.jsonl"
    try requireOwnFile(path)
    if FileManager.default.fileExists(atPath: path) {
      guard let data = FileManager.default.contents(atPath: path) else {
        throw Failure.system("read", path, errno: errno, cure: "make it readable, or move it")
      }
      // A disk may have spoilt some of it; the lines that are text are the run's history all the same.
      let lines = String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline)
      let kept = lines.filter { (Self.step(of: $0) ?? .max) <= last }
      try kept.map { $0 + "\n" }.joined().write(toRunFile: path)
    }
    descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw Failure.system("open", path, errno: errno) }
  }

  deinit { close(descriptor) }

  func append(_ entry: [(String, Value)]) throws {
    let line = "{" + entry.map { "\(Self.quoted($0)): \($1.json)" }.joined(separator: ", ") + "}\n"
    try writeAll(Array(line.utf8), to: descriptor, path)
  }

  /// A key as JSON writes it: one that names a column of somebody's table may hold anything.
  private static func quoted(_ key: String) -> String {
    let characters = key.unicodeScalars.map { scalar in
      switch scalar {
      case "\"", "\\": "\\\(scalar)"
      case "\0"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}": String(format: "\\u%04x", scalar.value)
      default: "\(scalar)"
      }
    }
    return "\"" + characters.joined() + "\""
  }

  /// Returns when all lines are on the disk.
  func sync() throws {
    guard fsync(descriptor) == 0 else { throw Failure.system("fsync", path, errno: errno) }
  }

  private static func step(of line: Substring) -> Int? {
    guard line.hasPrefix("{\"step\": "), line.hasSuffix("}") else { return nil }
    return Int(line.dropFirst(9).prefix { $0.isNumber })
  }
}
