import Communication
import Foundation
import Host
import Kernels

/// The processor cores that a rank may use: its share of its host's.
package enum HostCores {
  /// The cores of this rank, to which its threads are bound where `mpirun` started it.
  ///
  /// `mpirun` binds each rank to one core by default, which would make its lanes share that core. The cores that count
  /// are those that `mpirun` itself may use (the scheduler's or `taskset`'s choice): they are divided among the ranks of
  /// the host, and this rank's threads are bound to its part. Started otherwise, the rank's own cores count, divided
  /// among the ranks that have the same. With more ranks than cores, nothing is bound. All ranks call it.
  package static func claimShare(_ world: any Communicator, environment: [String: String]) throws -> [Int] {
    let cores = allowed(environment: environment)
    let keys = try world.allGather("\(world.host) \(cores)")
    let peers = keys.indices.filter { keys[$0] == keys[world.rank] }
    let place = peers.firstIndex(of: world.rank)!
    let share = cores[cores.count * place / peers.count..<cores.count * (place + 1) / peers.count]
    guard cores.count >= peers.count else { return [cores[place % cores.count]] }
    if isMPIRun(environment) { ProcessorCores.bind(to: Array(share)) }
    return Array(share)
  }

  /// The cores that are divided: those of `mpirun`'s daemon on this host, or else this process's own.
  static func allowed(environment: [String: String]) -> [Int] {
    (isMPIRun(environment) ? ProcessorCores.allowed(to: getppid()) : nil) ?? ProcessorCores.allowed(to: 0) ?? [0]
  }

  /// Under srun the parent is Slurm's daemon, which may use more cores than the task that it bound.
  private static func isMPIRun(_ environment: [String: String]) -> Bool {
    environment[LauncherVariables.openMPISize] != nil
      && (try? String(contentsOfFile: "/proc/\(getppid())/comm", encoding: .utf8)) != "slurmstepd\n"
  }
}
