import Checkpoints
import Foundation
import TestSupport
import Testing

@testable import Lockstep

/// A configuration from YAML text, named `run.yaml` in messages.
func configuration(_ yaml: String, _ overrides: String...) throws -> RunConfiguration {
  try RunConfiguration(ConfigurationSource(yaml: yaml, name: "run", file: "run.yaml"), overrides: overrides)
}

/// Trains to the end on threads as ranks; returns the digest, which must be the same on all of them.
@discardableResult
func train(
  _ recipe: String, _ overrides: [String] = [], in output: String, ranks: Int = 1, start: TrainingRun.Start = .new,
  files: FileSystem = .real
) throws -> String {
  let digests = try LocalWorld.run(ranks: ranks) { world in
    let run = try TrainingRun(
      recipe: recipe, overrides: overrides, output: output, start: start, verbosity: .silent, world: world,
      watchdog: nil, environment: [:], files: files)
    #expect(try run.train() == 0)
    return "\(run.digest)"
  }
  #expect(Set(digests).count == 1, "all ranks have the same parameters")
  return digests[0]
}

/// The failure that a body ends with, whether all ranks agreed on it or one threw it alone.
func failure(_ body: () throws -> Void) -> Failure? {
  do {
    try body()
  } catch {
    return Failure(reporting: error)
  }
  return nil
}

/// A text's lines, without the last line's end.
func lines(_ text: String) -> [String] { text.split(separator: "\n").map(String.init) }

/// The lines of `metrics.jsonl` without what depends on the clock.
func untimedMetrics(_ folder: Folder, _ run: String) throws -> [String] {
  lines(try folder.text("\(run)/metrics.jsonl")).map {
    $0.replacing(#/, "samples-per-second": [^,}]*/#, with: "")
  }
}

/// The newest checkpoint's metrics.
func metrics(of run: String) throws -> [String: Double] { try Model(run).record.metrics }
