import Diagnostics
import Files
import Foundation

/// The curves of a run: what `metrics.jsonl` tells, as far as it can be read.
package struct MetricsHistory: Sendable {
  /// One line of an epoch: its number, and what was measured at its end, by name.
  package private(set) var epochs: [(epoch: Int, values: [String: Double])] = []
  /// One line of a step.
  package private(set) var steps: [(step: Int, loss: Double, rate: Double, samplesPerSecond: Double)] = []
  /// Lines that are none.
  package private(set) var damaged = 0

  package init() {}

  /// Steps and epochs that are kept, at most: of more, every so many.
  static let most = 20_000
  /// Names of scores that are kept: a run of thousands of outputs has as many.
  private static let mostNames = 64
  /// The longest line that is looked at.
  private static let longest = 1 << 20

  /// Reads a run's; nothing where there is none.
  package init(ofRun directory: String) throws {
    let path = "\(directory)/metrics.jsonl"
    guard FileManager.default.fileExists(atPath: path) else { return }
    let file = try RegularFile(path)
    // The end of a log that is longer than anybody draws.
    let bytes = try file.bytes(max(0, file.size - (256 << 20))..<file.size)
    for line in bytes.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) { add(line) }
  }

  package init(text: String) {
    for line in text.split(whereSeparator: \.isNewline) { add(Array(line.utf8)[...]) }
  }

  private mutating func add(_ line: ArraySlice<UInt8>) {
    guard line.count <= Self.longest,
      let found = try? JSONSerialization.jsonObject(with: Data(line)) as? [String: Any],
      let step = (found["step"] as? NSNumber)?.intValue, let epoch = (found["epoch"] as? NSNumber)?.intValue
    else {
      damaged += 1
      return
    }
    func number(_ key: String) -> Double { (found[key] as? NSNumber)?.doubleValue ?? .nan }
    guard found["training-loss"] != nil else {
      steps.append((step, number("loss"), number("learning-rate"), number("samples-per-second")))
      if steps.count > 2 * Self.most { steps = Self.halved(steps) }
      return
    }
    // Of one of many outputs: `test-r-squared/price`.
    let names = found.keys.filter { $0 != "step" && $0 != "epoch" && !$0.contains("/") }.sorted().prefix(Self.mostNames)
    epochs.append((epoch, Dictionary(uniqueKeysWithValues: names.map { ($0, number($0)) })))
    if epochs.count > 2 * Self.most { epochs = Self.halved(epochs) }
  }

  /// Every second one, and the last.
  private static func halved<Line>(_ lines: [Line]) -> [Line] {
    lines.indices.filter { $0 % 2 == 0 || $0 + 1 == lines.count }.map { lines[$0] }
  }

  /// The names of what was measured at the ends of epochs, sorted.
  package var names: [String] { Set(epochs.flatMap { $0.values.keys }).sorted() }

  /// One of them over the epochs.
  package func curve(_ name: String) -> [(x: Double, y: Double)] {
    epochs.compactMap { line in line.values[name].map { (Double(line.epoch), $0) } }
  }

  /// The epoch at whose end a loss of `name` was lowest, and that loss; nil: there is none.
  package func lowest(_ name: String) -> (epoch: Int, value: Double)? {
    curve(name).filter { $0.y.isFinite }.min { $0.y < $1.y }.map { (Int($0.x), $0.y) }
  }
}
