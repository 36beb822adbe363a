import Diagnostics
import Files
import Foundation
import Training

/// `metrics.jsonl`: one JSON object a line, appended as the run goes: some of its steps, and every epoch.
final class MetricsLog: RunObserver, Sendable {
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
  /// Steps between two lines.
  private let interval: Int
  /// The last step, which has a line too.
  private let stepCount: Int
  private let descriptor: Int32

  /// Opens the log of a run directory, and drops what was written after step `last` of a run that is resumed.
  init(directory: String, keepingThrough last: Int, interval: Int = 1, stepCount: Int = 0) throws {
    (self.interval, self.stepCount) = (interval, stepCount)
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

  func observe(_ event: RunEvent) throws {
    switch event {
    case .step(let report): try append(report)
    case .epoch(let report): try append(report)
    case .start, .note, .stop, .end, .failure: break
    }
  }

  private func append(_ report: Trainer.Report) throws {
    let step = report.step.number + 1
    guard step % interval == 0 || step == stepCount else { return }
    var entry: [(String, Value)] = [
      ("step", .int(step)), ("epoch", .int(report.step.epoch + 1)), ("loss", .number(report.loss)),
      ("learning-rate", .number(report.rate)),
      ("samples-per-second", .number(Double(report.step.count) / report.times.total)),
    ]
    if let norm = report.gradientNorm { entry.append(("gradient-norm", .number(norm))) }
    try append(entry)
  }

  private func append(_ report: EpochReport) throws {
    var entry: [(String, Value)] = [
      ("step", .int(report.step)), ("epoch", .int(report.epoch)), ("training-loss", .number(report.loss)),
    ]
    entry += report.testScores.map { ($0.name, .number($0.value)) }
    try append(entry)
  }

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
