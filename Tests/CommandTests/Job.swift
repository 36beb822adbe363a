import Diagnostics
import Foundation
import Host
import Synchronization
import TestSupport
import Testing

/// A job under mpirun that goes on while the test looks at it, and at its ranks.
final class Job: Sendable {
  private let outcome = Mutex<Result<Ended, any Error>?>(nil)
  private let directory: String

  /// Starts `lockstep train … --output directory`.
  convenience init(_ arguments: [String], ranks: Int, output directory: String, deadline: TimeInterval = 300) {
    self.init(output: directory) {
      try lockstep(["train"] + arguments + ["--output", directory], ranks: ranks, deadline: deadline)
    }
  }

  /// Starts a program that trains with this output directory.
  convenience init(
    _ executable: String, _ arguments: [String], environment: [String: String], output directory: String,
    deadline: TimeInterval
  ) {
    self.init(output: directory) {
      try run(executable, arguments, environment: environment, deadline: deadline)
    }
  }

  private init(output directory: String, _ body: @escaping @Sendable () throws -> Ended) {
    self.directory = directory
    Thread.detachNewThread { [self] in
      let ended = Result { try body() }
      outcome.withLock { $0 = ended }
    }
  }

  /// Waits until it ends; its deadline takes care that it does.
  func wait() throws -> Ended {
    while true {
      if let ended = outcome.withLock({ $0 }) { return try ended.get() }
      usleep(5000)
    }
  }

  var hasEnded: Bool { outcome.withLock { $0 != nil } }

  /// Waits until training goes on: the first line of metrics is there.
  func waitForSteps() throws {
    try waitForLines(1)
    if lines() == 0 { Issue.record("ended before its first step: \(try wait())") }
  }

  /// Lines of metrics that the run has written by now.
  func lines() -> Int {
    FileManager.default.contents(atPath: "\(directory)/metrics.jsonl")?.count { $0 == UInt8(ascii: "\n") } ?? 0
  }

  /// Waits until there are so many lines of metrics, or the job has ended.
  func waitForLines(_ count: Int) throws {
    while !hasEnded, lines() < count { usleep(2000) }
  }

  /// Waits until so many ranks run that are as wanted, or the job has ended.
  func waitForRanks(_ count: Int, where areWanted: ([Int: pid_t]) -> Bool = { _ in true }) throws {
    while !hasEnded {
      let ranks = ranks()
      if ranks.count == count, areWanted(ranks) { return }
      usleep(5000)
    }
  }

  /// The first process with this output directory whose command line, word by word, is the one that is wanted.
  func process(where isWanted: ([String]) -> Bool) -> pid_t? {
    let found = HostProcess.all().first {
      let words = $0.arguments
      return words.contains(directory) && isWanted(words)
    }
    return found.map { pid_t($0.identifier) }
  }

  /// The processes of the job, by rank: those of our program with this output directory.
  func ranks() -> [Int: pid_t] {
    var found: [Int: pid_t] = [:]
    for process in HostProcess.all() where process.arguments.contains(directory) {
      // mpirun itself has the same arguments, but no rank.
      let rank = process.variables["OMPI_COMM_WORLD_RANK"].flatMap { Int($0) }
      if let rank { found[rank] = pid_t(process.identifier) }
    }
    return found
  }
}
