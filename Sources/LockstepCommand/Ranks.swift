import Foundation
import Lockstep
import MPICommunication

/// Runs `body` as one rank of a job and ends the process with its code, once all ranks know that they do the same.
///
/// mpirun can start each rank with a command line of its own. What all must have alike stands in `asked`: what rank zero
/// alone obeys too, since elsewhere it would be passed over in silence.
///
/// A watchdog looks on from the first line to the last. `body` has the given one join the world, once it knows how long to
/// wait; where none is given, there is one of the usual patience.
func onEveryRank(
  _ command: String, _ asked: [Asked?], watchdog: Watchdog? = nil, _ body: (any Communicator) throws -> Int32
) -> Never {
  let looker = watchdog ?? Watchdog()
  let environment = ProcessInfo.processInfo.environment
  let variables = decisiveVariables.map { Asked($0, environment[$0]) }
  var stopsAtEnd = false
  let code = withMPI(noting: looker.progress) { base in
    if base.size > 1 { OutOfMemory.speak(as: "rank \(base.rank) on \(base.host)") }
    try base.requireSame(
      ([Asked("<subcommand>", command)] + asked + variables).compactMap { $0 },
      cure: "start every rank with the same command line and environment")
    let fault = try base.agree { try InjectedFault(environment: environment) }
    stopsAtEnd = fault?.kind == .stopAtEnd && fault?.rank == base.rank
    guard watchdog == nil else { return try body(base) }
    let world = looker.watched(base)
    try looker.join(world, seconds: Watchdog.usualSeconds)
    return try body(world)
  }
  if stopsAtEnd { raise(SIGSTOP) }
  looker.exit(code)
}

/// Variables of the environment that numbers may depend on: our faults on request.
private let decisiveVariables = [InjectedFault.variable]

/// Refuses to be one of several processes that a launcher has started, for commands that work alone.
func requireAlone(_ command: String) throws {
  let count = launchedProcessCount(ProcessInfo.processInfo.environment)
  guard count > 1 else { return }
  onEveryRank(command, []) { world in
    try world.agree {
      throw Failure(
        .usage, "\(count) processes were started to do the same work", cure: "start it without mpirun: it works alone")
    }
  }
}
