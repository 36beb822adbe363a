import Diagnostics
import Foundation
import Host

/// The processes that mpirun has started on this host for the same job, as far as /proc shows them.
///
/// A program that never calls MPI (`mpirun -np 1 lockstep train … : -np 1 true`) ends in order as far as mpirun can see;
/// the ranks wait for it in MPI_Init for ever.
struct Partners {
  /// One of the others, while it is there.
  struct Partner {
    let rank: Int
    /// Its number on this host.
    let place: Int
    let process: HostProcess
    let parent: Int
    /// By a signal, such as SIGSTOP.
    let isStopped: Bool
  }

  /// How many mpirun says it has started here.
  let started: Int
  let others: [Partner]
  private let host: String
  private let processes: String
  /// The number of this process.
  let own: Int

  /// Nil where it cannot be told: this process was not started by Open MPI's mpirun, or lives apart from it.
  init?(_ environment: [String: String], processes: String = "/proc") {
    guard let started = environment[LauncherVariables.openMPILocalSize].flatMap({ Int($0) }), started > 1,
      let own = environment[LauncherVariables.openMPILocalRank].flatMap({ Int($0) }),
      let job = environment["PMIX_NAMESPACE"], Self.isBelowLauncher(processes)
    else { return nil }
    (self.started, self.own, self.processes, host) = (started, own, processes, LaunchedPlace(environment).host)
    others = HostProcess.all(in: processes).compactMap { process in
      let variables = process.variables
      guard variables["PMIX_NAMESPACE"] == job,
        let place = variables[LauncherVariables.openMPILocalRank].flatMap({ Int($0) }), place != own,
        let rank = variables[LauncherVariables.openMPIRank].flatMap({ Int($0) })
      else { return nil }
      let status = process.status
      return Partner(
        rank: rank, place: place, process: process, parent: status?.parent ?? 0, isStopped: status?.isStopped ?? false)
    }.sorted { $0.rank < $1.rank }
  }

  /// The numbers on this host of those that are there.
  var present: Set<Int> { Set(others.map(\.place)).union([own]) }

  var areMissing: Bool { present.count < started }

  /// One line of the first that is stopped, for the first of those that are not; nil for the others, and where none is.
  var complaintOfStopped: String? {
    let stopped = others.filter(\.isStopped)
    guard let first = stopped.first, present.subtracting(stopped.map(\.place)).min() == own else { return nil }
    return
      "rank \(first.rank) on \(host) does not answer: its process \(first.process.identifier) is stopped by a signal; "
      + "start the job again, and let it go on (kill -CONT) where you stop it"
  }

  /// One line.
  var complaint: String {
    let missing = started - present.count
    return
      "\(missing) of the \(started) processes that mpirun started on \(host) \(missing == 1 ? "has" : "have") ended "
      + "without calling MPI, and MPI cannot begin; give mpirun programs that are ranks of one job"
  }

  // MARK: - The end

  /// Shows the others, by the name of this process, that nothing is left to do here but to end; false where it cannot.
  static func announceEnd() -> Bool { nameProcess(endingName) }

  /// Those of the others that are ranks of this program.
  ///
  /// A shell or a tool between mpirun and a rank has the rank's variables, and ends only when that has. Where an emulator
  /// runs all programs, it is known by what it has started.
  var ofThisProgram: [Partner] {
    guard let mine = HostProcess.ownProgram(in: processes) else { return [] }
    let parents = Set(others.map(\.parent)).union([Int(getppid())])
    return others.filter { !parents.contains($0.process.identifier) && $0.process.program == mine }
  }

  /// Whether one of the others has ended, or has announced it and is not stopped since.
  func isEnding(_ partner: Partner) -> Bool {
    guard let status = partner.process.status else { return true }
    // One that has ended may not be buried yet.
    return status.hasEnded || status.name == Self.endingName && !status.isStopped
  }

  /// The numbers on this host of those before this one that wait as it does, by whom a complaint is.
  var waitingBefore: [Int] { ofThisProgram.filter { isEnding($0) && $0.place < own }.map(\.place) }

  /// One line of the first that does not end, for the first of those that wait for it; nil for the others.
  var complaintOfEnd: String? {
    let ranks = ofThisProgram
    let awaited = ranks.filter { !isEnding($0) }
    // One that is stopped, where another is slow.
    guard let late = awaited.first(where: \.isStopped) ?? awaited.first, waitingBefore.isEmpty else { return nil }
    return
      "rank \(late.rank) on \(host) does not answer: at its end, its process \(late.process.identifier) "
      + (late.isStopped ? "is stopped by a signal" : "does not end")
  }

  /// No longer than the kernel lets a name be.
  static let endingName = "lockstep-ending"

  /// Whether mpirun or its daemon is seen from here: in a container of its own a rank would miss all others.
  private static func isBelowLauncher(_ processes: String) -> Bool {
    var process = Int(getppid())
    for _ in 0..<16 {
      guard let status = HostProcess(process, in: processes).status else { return false }
      // Debian's have a suffix: mpirun.openmpi.
      if ["mpirun", "orterun", "mpiexec", "orted", "prterun", "prted"].contains(where: status.name.hasPrefix) {
        return true
      }
      guard status.parent != 0 else { return false }
      process = status.parent
    }
    return false
  }
}
