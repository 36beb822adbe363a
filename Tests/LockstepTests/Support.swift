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

/// Trains on a table with one rank, into `1` of a folder, and with two and three ranks of two lanes, which prepare it anew;
/// returns the digest and the receipt, which must be the same of all of them.
func trainOnAnyRanks(_ recipe: String, in folder: Folder) throws -> (digest: String, receipt: Receipt) {
  let digest = try train(recipe, ["lanes=1"], in: folder["1"])
  let receipt = try Receipt(ofRun: folder["1"])
  for ranks in [2, 3] {
    let own = ["data.table.keep-under=\(folder["prepared-\(ranks)"])", "lanes=2"]
    #expect(try train(recipe, own, in: folder["\(ranks)"], ranks: ranks) == digest)
    #expect(try Receipt(ofRun: folder["\(ranks)"]) == receipt)
  }
  return (digest, receipt)
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
