import Checkpoints
import Communication
import Diagnostics
import Files
import Foundation
import Lockstep
import Preparation
import Tensors

/// Gathers what there is of a run; what is missing or damaged is left out, and told in a line.
package struct RunReader {
  private let path: String
  private var facts: RunFacts

  /// Checkpoints that were looked at, and files that they are to hold.
  private var looked: [(path: String, files: [String])] = []

  /// How often a checkpoint is looked for: a run in training deletes those that are too many, while they are read.
  private static let tries = 3

  /// All of a run's directory.
  ///
  /// - Parameters:
  ///   - measures: whether the model is loaded and measured once more on its test and validation rows.
  ///   - willMeasure: called with the path of the checkpoint that was found, before anything else of it is read.
  /// - Throws: a missing input (66) where there is no such directory, or nothing of a run in it.
  package static func facts(
    of path: String, measures: Bool = true, willMeasure: (_ checkpoint: String) throws -> Void = { _ in }
  ) throws -> RunFacts {
    var start = RunReader(path)
    try start.requireRun()
    start.readConfiguration()
    var attempt = 1
    while true {
      var reader = start
      reader.readLog()
      let checkpoint = reader.readCheckpoint()
      if let checkpoint { try willMeasure(checkpoint.path) }
      reader.readReceipt(checkpoint)
      reader.readData(checkpoint)
      if measures { reader.measure(checkpoint) }
      if attempt == tries || !reader.hasMissed { return reader.facts }
      attempt += 1
    }
  }

  /// Whether something could not be read, and a checkpoint is gone that was there.
  private var hasMissed: Bool {
    guard facts.unmeasured != nil || !facts.notes.isEmpty else { return false }
    return looked.contains { path, files in
      !FileManager.default.fileExists(atPath: path)
        || files.contains { !FileManager.default.fileExists(atPath: "\(path)/\($0)") }
    }
  }

  private init(_ path: String) {
    var trimmed = path
    while trimmed.count > 1, trimmed.hasSuffix("/") { trimmed.removeLast() }
    self.path = trimmed
    let name = URL(fileURLWithPath: trimmed).standardizedFileURL.lastPathComponent
    facts = RunFacts(path: trimmed, name: name)
  }

  private func requireRun() throws {
    var isDirectory: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
    guard exists, isDirectory.boolValue else {
      throw Failure(
        .missingInput, at: path, "expected the directory of a run, found \(exists ? "a file" : "none")",
        cure: "name what train has written: runs/NAME")
    }
    guard !FileManager.default.fileExists(atPath: "\(path)/\(RunRecord.fileName)") else {
      throw Failure(
        .usage, at: path, "expected the directory of a run, found a checkpoint", cure: "name the folder that it is in")
    }
    let isRun = ["config.yaml", "metrics.jsonl"].contains { FileManager.default.fileExists(atPath: "\(path)/\($0)") }
    let step = try Checkpoint.newestStep(in: path)
    guard isRun || step != nil else {
      throw Failure(
        .missingInput, at: path, "expected the directory of a run, found one without config.yaml and checkpoints",
        cure: "name what train has written: runs/NAME")
    }
  }

  /// Does what may fail; a failure becomes a note.
  private mutating func attempt(_ body: (inout RunFacts) throws -> Void) {
    do { try body(&facts) } catch { facts.notes.append(Failure(reporting: error).description) }
  }

  private mutating func readConfiguration() {
    let path = "\(path)/config.yaml"
    attempt { facts in
      facts.configuration = try textFile(path, limit: 1 << 24)
      let configuration = try RunConfiguration(recipeOrFile: path)
      facts.settings = configuration.settings.map { ($0.path, $0.text) }
    }
  }

  private mutating func readLog() {
    let path = path
    attempt { facts in
      facts.history = try MetricsHistory(ofRun: path)
      let damaged = facts.history.damaged
      if damaged > 0 { facts.notes.append("metrics.jsonl: passed over \(count(damaged, "line")) that cannot be read") }
    }
  }

  private mutating func readReceipt(_ checkpoint: Checkpoint?) {
    let path = path
    facts.times = RunTimes(ofRun: path)
    // Another state of the run leaves its own behind.
    facts.distilled = Distilled(ofRun: path).flatMap {
      $0.models.first?.weights == checkpoint?.record.digest ? $0 : nil
    }
    guard FileManager.default.fileExists(atPath: "\(path)/\(Receipt.fileName)") else { return }
    attempt { $0.receipt = try Receipt(ofRun: path) }
  }

  /// The one that a model of the run is of: that of the best epoch, where training kept one, else the newest whole one.
  private mutating func readCheckpoint() -> Checkpoint? {
    var (found, passedOver): (Checkpoint?, [Checkpoint.PassedOver]) = (nil, [])
    let path = path
    attempt { facts in
      let search = try Checkpoint.newest(in: path)
      passedOver = search.passedOver
      guard let newest = search.checkpoint else { return }
      found = newest
      if newest.record.best != nil {
        let best = try Checkpoint.load(path)
        (found, passedOver) = (best.checkpoint, best.passedOver)
      }
      facts.lastEpoch = newest.record.epoch
      facts.watched = newest.record.best.map { ($0.metric, $0.epoch, $0.measured) }
    }
    facts.notes += passedOver.map(\.note)
    facts.record = found.map { RunFacts.Record($0.record) }
    attempt { facts in facts.quantisation = try found.flatMap { try Quantisation(ifThereOf: $0) } }
    attempt { facts in facts.shrinking = try found.flatMap { try Shrinking(ifThereOf: $0) } }
    looked = passedOver.map { ($0.path, []) }
    if let found { looked.append((found.path, found.record.files.keys.sorted())) }
    return found
  }

  // MARK: Data

  /// Of a table: what its columns were fitted to, which the checkpoint keeps, and what preparing it told, where that is there.
  private mutating func readData(_ checkpoint: Checkpoint?) {
    guard let checkpoint, checkpoint.record.files["preparation.json"] != nil,
      facts.settings.contains(where: { $0.path.hasPrefix("data.table.") })
    else { return }
    let receipt = facts.receipt
    let configuration = "\(path)/config.yaml"
    attempt { facts in
      let text = String(decoding: try checkpoint.bytes(of: "preparation.json"), as: UTF8.self)
      var data = DataFacts(try FittedTable(json: text), facts.settings)
      data.split = facts.settings.filter { $0.path.hasPrefix("data.table.split") && $0.text != "null" }
        .map { "\($0.path.replacing("data.table.split.", with: "")): \($0.text)" }.joined(separator: ", ")
      let named = facts.settings.first { $0.path == "data.table.prepared" && $0.text != "null" }
      let folder = named.map { ($0.text as NSString).deletingLastPathComponent }
      if let kept = try? folder ?? RunConfiguration(recipeOrFile: configuration).data.preparationFolder {
        let summary = Self.summary(in: kept, transform: Digest(of: text).description, receipt)
        if let summary {
          data.add(summary)
        } else {
          facts.notes.append("\(kept): what preparing the table told is gone; lockstep prepare makes it again")
        }
      }
      facts.data = data
    }
  }

  /// What preparing it told: in the folder whose columns were fitted to the same, and, where a receipt tells, of the same
  /// raw data and split.
  private static func summary(in folder: String, transform: String, _ receipt: Receipt?) -> PreparedTable.Summary? {
    func output(_ link: String) -> String? { receipt?.links.first { $0.name == link }?.output }
    for name in ((try? directoryNames(folder)) ?? []).sorted() where !name.hasSuffix(".partial") {
      guard let data = FileManager.default.contents(atPath: "\(folder)/\(name)/prepared.json"),
        let summary = try? JSONDecoder().decode(PreparedTable.Summary.self, from: data),
        summary.transform == transform, output("raw") ?? summary.raw == summary.raw,
        output("split") ?? summary.split == summary.split
      else { continue }
      return summary
    }
    return nil
  }

  private mutating func measure(_ checkpoint: Checkpoint?) {
    guard let checkpoint else {
      facts.unmeasured = "the run has no whole checkpoint yet"
      return
    }
    do {
      let model = try Model(checkpoint.path)
      facts.pruned = try model.pruned()
      let measurer = try Measurer(model)
      facts.record?.parameters = measurer.parameters
      facts.measured = try measurer.measurements()
      if facts.measured.isEmpty { facts.unmeasured = "the run has neither test nor validation rows" }
    } catch {
      facts.unmeasured = Failure(reporting: error).description
    }
  }
}

extension RunFacts.Record {
  fileprivate init(_ record: RunRecord) {
    self.init()
    (step, epoch, digest) = (record.step, record.epoch, record.digest)
    programs = record.programs.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    instructionSet = record.instructionSet ?? ""
    (classes, targets, features) = (record.classes, record.targets, record.features)
    (input, metrics) = (record.input, record.metrics)
  }
}
