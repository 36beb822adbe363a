import Configuration
import Diagnostics
import Files
import Foundation
import Training

/// `observers: [{mlflow: {store: mlruns, experiment: credit}}]`: the run in MLflow's file store, which rank zero writes.
///
/// Parameters are the settings at the top of the configuration and what the run is; metrics are loss, learning rate and samples
/// per second of some steps, and the losses and scores of epochs; the configuration and the receipt are artifacts. The run is
/// `RUNNING` until it ends (`FINISHED`) or is stopped (`KILLED`); a resumed one goes on under the same id, which the file
/// `mlflow-run` in the run directory holds, and drops what was written behind the step that it goes on from.
struct MLflow: ObserverSettings {
  static let kind = "mlflow"
  static let summary = "the run in MLflow's file store: parameters, metrics, configuration and receipt"

  private let store: String
  private let experiment: String
  private let every: Int

  init(_ settings: ConfigReader) throws {
    store = try settings.filePath("store")
    guard !store.contains(":/"), !store.contains("/file:") else {
      throw settings.failure(
        at: "store", "expected a folder, found an address, \(store)", cure: "name a folder, as mlruns")
    }
    experiment = try settings.string("experiment", default: "lockstep")
    guard !experiment.isEmpty else {
      throw settings.failure(at: "experiment", "expected a name, found none", cure: "leave it out")
    }
    every = try settings.int("every", default: 50, in: 1...)
  }

  func observer(rank: Int, directory: String) throws -> (any RunObserver)? {
    rank == 0 ? MLflowWriter(store, experiment: experiment, every: every, directory: directory) : nil
  }
}

private final class MLflowWriter: RunObserver {
  private let path: String
  private let experiment: String
  private let every: Int
  private let directory: String
  private var store: MLflowStore?
  private var stepCount = 0

  init(_ path: String, experiment: String, every: Int, directory: String) {
    (self.path, self.experiment, self.every, self.directory) = (path, experiment, every, directory)
  }

  func observe(_ event: RunEvent) throws {
    switch event {
    case .start(let start):
      stepCount = start.stepCount
      let store = try MLflowStore(path, experiment: experiment, run: try id(), named: name)
      self.store = store
      try store.keepMetrics(through: start.firstStep)
      for (key, value) in parameters(start) { try store.set("params", key, value) }
      try store.keep("\(directory)/config.yaml")
      try store.set(.running)
    case .step(let report):
      let step = report.step.number + 1
      guard step % every == 0 || step == stepCount else { return }
      let rate = Double(report.step.count) / report.times.total
      try append([("loss", report.loss), ("learning-rate", report.rate), ("samples-per-second", rate)], step)
      if let norm = report.gradientNorm { try append([("gradient-norm", norm)], step) }
    case .epoch(let report):
      try append([("training-loss", report.loss)] + report.testScores.map { ($0.name, $0.value) }, report.step)
    case .stop: try store?.set(.killed)
    case .end(let result):
      try store?.set("tags", "digest", "\(result.digest)")
      try store?.keep("\(directory)/receipt.json")
      try store?.set(.finished)
    case .note: break
    }
  }

  private func append(_ values: [(name: String, value: Double)], _ step: Int) throws {
    for (name, value) in values { try store?.append(name, value, step: step) }
  }

  private var name: String { URL(fileURLWithPath: directory).standardizedFileURL.lastPathComponent }

  /// The run's id: that of the run directory, or a new one.
  private func id() throws -> String {
    let path = "\(directory)/mlflow-run"
    try requireOwnFile(path)
    let kept = (try? String(contentsOfFile: path, encoding: .utf8))?.trimmingCharacters(in: .whitespacesAndNewlines)
    if let kept, kept.count == 32, kept.allSatisfy({ $0.isASCII && $0.isHexDigit }) { return kept }
    let new = UUID().uuidString.replacing("-", with: "").lowercased()
    try (new + "\n").write(toRunFile: path)
    return new
  }

  /// What the run is, and the settings at the top of the configuration that stand on one line.
  private func parameters(_ start: RunStart) -> [(String, String)] {
    let text = (try? String(contentsOfFile: "\(directory)/config.yaml", encoding: .utf8)) ?? ""
    let settings = text.split(separator: "\n").compactMap { line -> (String, String)? in
      guard let first = line.first, first.isLetter, let colon = line.firstRange(of: ": ") else { return nil }
      return (String(line[..<colon.lowerBound]), String(line[colon.upperBound...].prefix(500)))
    }
    return settings + [
      ("samples", "\(start.samples)"), ("parameters", "\(start.parameters)"), ("ranks", "\(start.ranks)"),
      ("instruction-set", start.instructionSet),
    ]
  }
}
