import Communication
import Diagnostics
import Foundation
import Lockstep

/// Looks at the hosts and ranks of a job before it trains: what would fail, what would be slow, and how to mend it.
///
/// ```swift
/// let report = try Doctor(world, mpi: mpiLibrary()).examine(.init(recipe: "fashion-mnist", output: "runs/a"))
/// ```
package struct Doctor {
  /// The training that is meant to run; what is nil is not looked at.
  package struct Subject: Sendable {
    /// A recipe's name, or a file.
    package var recipe: String?
    /// `key.path=value`
    package var overrides: [String]
    /// The run directory; nil: that of the recipe.
    package var output: String?

    package init(recipe: String? = nil, overrides: [String] = [], output: String? = nil) {
      (self.recipe, self.overrides, self.output) = (recipe, overrides, output)
    }
  }

  let world: any Communicator
  private let mpi: String
  private let transport: String
  private let watchdog: Watchdog?
  private let environment: [String: String]

  /// All ranks make one.
  ///
  /// - Parameters:
  ///   - watchdog: looks on, with its own patience until the configuration is known, and then with the training's.
  ///   - mpi: the name and version of the MPI library; empty where there is none.
  ///   - transport: the ways that it sends messages on this rank; empty where it does not tell.
  package init(
    _ base: any Communicator, watchdog: Watchdog? = nil, mpi: String, transport: String = "",
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws {
    world = watchdog?.watched(base) ?? base
    (self.mpi, self.transport, self.watchdog, self.environment) = (mpi, transport, watchdog, environment)
    // That of rank zero until its configuration is known: all have to have the same.
    if let watchdog { try watchdog.join(world, seconds: try world.allGather([watchdog.seconds])[0][0]) }
  }

  /// Examines everything; the same report on every rank. All ranks call it.
  ///
  /// A configuration or data at fault are findings. Throws only where the ranks cannot talk to each other.
  package func examine(_ subject: Subject) throws -> Report {
    var findings: [Finding] = []
    let configuration = try attempt("the configuration is not valid", &findings) {
      try subject.recipe.map { try RunConfiguration.shared($0, subject.overrides, in: world) }
    }
    if let seconds = configuration??.watchdog { watchdog?.wait(seconds: seconds) }
    let cores = try HostCores.claimShare(world, environment: environment)
    var facts = RankFacts(
      world, lanes: configuration??.lanes ?? cores.count, choice: configuration??.instructionSet, mpi: mpi,
      environment: environment)
    facts.transport = transport
    facts.readsNeighbour = try Neighbour(world).canBeRead()
    let pace = try Pace(measuring: world)
    facts.clock = try Self.clock(world)
    let ranks = try facts.shared(in: world)
    findings += Diagnosis(ranks).findings

    let path = try attempt("the hosts compute other bits", &findings) {
      try BitCompatibility.establish(world, choice: configuration??.instructionSet)
    }
    let training = Expectations(world, configuration: configuration ?? nil, output: subject.output)
    findings += try training.findings()
    return Report(
      ranks: ranks, pace: pace, instructionSet: path?.rawValue, findings: findings)
  }

  /// Runs `body` on all ranks; what they agree to fail in becomes a grave finding, and the result nil.
  private func attempt<Value>(
    _ what: String, _ findings: inout [Finding], _ body: () throws -> Value
  ) throws -> Value? {
    do {
      return try body()
    } catch let failure as CollectiveFailure {
      findings.append(
        Finding(
          .grave, what, hosts: [failure.host], ranks: [failure.rank], why: "training ends here",
          cure: failure.failure.description))
      return nil
    }
  }

  /// Seconds since 1970 by this host's clock, read on all ranks at one moment.
  private static func clock(_ world: any Communicator) throws -> Double {
    try world.barrier()
    return Date().timeIntervalSince1970
  }
}
