import Foundation
import TestSupport
import Testing

/// A suite that starts `lockstep launch` into the run directory `run` of its folder.
protocol Launching {
  var folder: Folder { get }
}

extension Launching {
  /// `lockstep launch OPTIONS -- train RECIPE …` as a job with that output directory.
  func launch(
    _ options: [String], _ recipe: [String] = LongRun.recipe, on cluster: VirtualCluster? = nil,
    environment: [String: String] = [:], program: String? = nil
  ) throws -> Job {
    let words = ["launch", "--backoff", "0.1"] + options + ["--", "train"] + recipe + ["-o", folder["run"]]
    let program = try program ?? builtProduct("lockstep")
    let (executable, arguments) = cluster?.command(on: "head", [program] + words) ?? (program, words)
    return Job(executable, arguments, environment: environment, output: folder["run"], deadline: 240)
  }

  func said(_ ended: Ended) -> [String] { lines(ended.errors).filter { $0.hasPrefix("launch: ") } }

  /// An environment with an mpirun of our own in PATH, whose shell script this is.
  func environment(mpirun script: String) throws -> [String: String] {
    try folder.writeProgram("mpirun", "#!/bin/sh\n\(script)")
    return ["PATH": "\(folder.path):\(ProcessInfo.processInfo.environment["PATH"] ?? "")"]
  }

  func expectDone(
    _ ended: Ended, _ digest: Result<String, any Error> = LongRun.expected,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    #expect(ended.code == 0, "\(ended.output)\(ended.errors)", sourceLocation: sourceLocation)
    #expect(
      try lines(ended.output).last == "digest \(digest.get())", "\(ended.errors)", sourceLocation: sourceLocation)
    #expect(leftovers(folder, "run") == [], sourceLocation: sourceLocation)
  }
}
