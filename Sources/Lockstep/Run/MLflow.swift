import Configuration
import Diagnostics
import Files
import Foundation
import Training

/// `observers: [{mlflow: {store: mlruns, experiment: credit}}]`: the run in MLflow's file store, which rank zero writes.
///
/// Parameters are all settings, under the paths that `--set` knows them by, and what the run is; metrics are loss, learning rate
/// and samples per second of some steps, and the losses and scores of epochs; tags say with which program, on which hosts and in
/// which directory it runs, and what its weights came to; the configuration, the receipt and a page that is there are artifacts.
/// The run is `RUNNING` until it ends (`FINISHED`), is stopped (`KILLED`) or fails (`FAILED`); a resumed one goes on under the same
/// id, which the file `mlflow-run` in the run directory holds, and drops what was written behind the step that it goes on from.
///
/// A store that cannot be written to is a failure when the run begins, and ends the tracking alone later on.
struct MLflow: ObserverSettings {
  static let kind = "mlflow"
  static let summary = "the run in MLflow's file store: parameters, metrics, tags, configuration and receipt"

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
  /// A store that is gone is no reason to lose a run.
  let isEssential = false

  init(_ path: String, experiment: String, every: Int, directory: String) {
    (self.path, self.experiment, self.every, self.directory) = (path, experiment, every, directory)
  }

  func observe(_ event: RunEvent) throws {
    switch event {
    case .start(let start): try begin(start)
    case .step(let report):
      let step = report.step.number + 1
      guard step % every == 0 || step == stepCount else { return }
      let rate = Double(report.step.count) / report.times.total
      try append([("loss", report.loss), ("learning-rate", report.rate), ("samples-per-second", rate)], step)
      if let norm = report.gradientNorm { try append([("gradient-norm", norm)], step) }
    case .epoch(let report):
      try append([("training-loss", report.loss)] + report.testScores.map { ($0.name, $0.value) }, report.step)
    case .stop: try end(.killed)
    case .failure(let failure):
      try store?.tag("failure", failure.description)
      try end(.failed)
    case .end(let result):
      try store?.tag("digest", "\(result.digest)")
      try end(.finished)
    case .note: break
    }
  }

  private func begin(_ start: RunStart) throws {
    do {
      stepCount = start.stepCount
      let store = try MLflowStore(path, experiment: experiment, run: try id(), named: name)
      self.store = store
      try store.keepMetrics(through: start.firstStep)
      // Those of before a resume may hold no more.
      try store.removeParameters()
      let parameters = MLflowParameters(start)
      for (key, value) in parameters.values { try store.setParameter(key, value) }
      for (key, value) in tags(start) { try store.tag(key, value) }
      try store.tag("cut-parameters", parameters.cut.isEmpty ? nil : parameters.cut.joined(separator: ", "))
      // Of an earlier try.
      try store.tag("failure", nil)
      try store.keep("\(directory)/config.yaml")
      try store.set(.running)
    } catch let failure as Failure {
      throw Failure(
        failure.code, at: "observers (mlflow)", "\(failure)", cure: "name another store, or leave the observer out")
    }
  }

  private func end(_ status: MLflowStore.Status) throws {
    for name in ["receipt.json", "report.html"] { try store?.keep("\(directory)/\(name)") }
    try store?.set(status)
  }

  private func append(_ values: [(name: String, value: Double)], _ step: Int) throws {
    for (name, value) in values { try store?.append(name, value, step: step) }
  }

  private var name: String { URL(fileURLWithPath: directory).standardizedFileURL.lastPathComponent }

  /// What MLflow shows of every run, under the names that it has for that, and where ours ran.
  private func tags(_ start: RunStart) -> [(String, String)] {
    let hosts = start.hosts.reduce(into: [String]()) { if $0.last != $1 { $0.append($1) } }
    return [
      ("mlflow.runName", name), ("mlflow.source.type", "LOCAL"), ("mlflow.source.name", "lockstep"),
      ("mlflow.user", NSUserName()), ("version", lockstepVersion), ("configuration", start.name),
      ("ranks", "\(start.ranks)"), ("hosts", hosts.joined(separator: ", ")),
      ("run-directory", URL(fileURLWithPath: directory).standardizedFileURL.path),
    ]
  }

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
}
