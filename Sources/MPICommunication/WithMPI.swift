import CMPI
import Communication
import Diagnostics
import Foundation

/// Runs `body` between MPI's begin and end; returns what the process should exit with.
///
/// ```swift
/// exit(withMPI { world in
///   print("rank \(world.rank) of \(world.size) on \(world.host)")
///   return 0
/// })
/// ```
///
/// Without `mpirun` the world has one rank. Call it once a process, and MPI from the calling thread alone.
///
/// `progress` is told of MPI's begin and end, for a watchdog that was made before. While `body` runs it is the body's own.
///
/// - What `body` returns is the exit code: 0, or for instance 75 when the run was stopped on request.
/// - When it throws a `CollectiveFailure`, all ranks do. The rank that the failure names prints it, all end MPI
///   properly, and its code is returned everywhere. Where exchanges are still under way, the job is taken down.
/// - When it throws anything else, the other ranks may be waiting for this one. It prints `rank R on HOST: error` to
///   standard error and takes the whole job down with the error's exit code; the function does not return.
public func withMPI(
  noting progress: RankProgress = RankProgress(), _ body: (any Communicator) throws -> Int32
) -> Int32 {
  withMPI(limit: Int(Int32.max), noting: progress, body)
}

/// `withMPI`, with a smaller limit for the counts that MPI gets to see, so that tests reach the paths beyond it.
package func withMPI(
  limit: Int, noting progress: RankProgress = RankProgress(), _ body: (any Communicator) throws -> Int32
) -> Int32 {
  // MPI adds variables of its own, so the launcher's have to be read before.
  let environment = ProcessInfo.processInfo.environment
  yieldWhereCrowded(environment: environment)
  progress.enter(.initialising, step: 0)
  do {
    removeLeftovers(environment: environment)
    try requireSessionDirectory(environment: environment)
    try initialize()
  } catch let refusal as SessionRefusal {
    return refusal.announce(environment: environment)
  } catch {
    return Ending(of: error).announce()
  }

  var world: MPICommunicator?
  let code: Int32
  progress.enter(.joining, step: 0)
  do {
    let communicator = try MPICommunicator(limit: limit)
    world = communicator
    try refuseLonelyWorld(size: communicator.size, environment: environment, library: try mpiLibrary())
    progress.enter(.agreeing, step: 0)
    code = try body(communicator)
  } catch {
    let ending = Ending(of: error, rank: world?.rank ?? 0, of: world?.size ?? 0, on: world?.host ?? "an unknown host")
    code = ending.announce()
    if !ending.isAgreed { takeDown(code) }
    if world?.hasExchangesUnderWay == true {
      // To end MPI in order would go on with them. The rank that has something to say takes the job down first.
      if ending.line == nil { sleep(2) }
      takeDown(code)
    }
  }

  progress.enter(.finalising, step: 0)
  do {
    try world?.freeWindows()
    try check("MPI_Finalize", CMPI_Finalize())
    return code
  } catch {
    let late = Ending(of: error).announce()
    return code == 0 ? late : code
  }
}

private func initialize() throws {
  var wasInitialized = false
  try check("MPI_Initialized", CMPI_Initialized(&wasInitialized))
  precondition(!wasInitialized, "withMPI was called a second time in this process")
  var isFunneled = false
  try check("MPI_Init_thread", CMPI_Init_thread(&isFunneled))
  guard isFunneled else {
    throw Failure(.unavailable, "the MPI library was built without threads (MPI_THREAD_FUNNELED)", cure: "use another")
  }
}
