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
    let cores = ProcessorCores.shared(environment: environment)
    let keys = try world.allGather("\(world.host) \(cores)")
    let peers = keys.indices.filter { keys[$0] == keys[world.rank] }
    let place = peers.firstIndex(of: world.rank)!
    let share = cores[cores.count * place / peers.count..<cores.count * (place + 1) / peers.count]
    guard cores.count >= peers.count else { return [cores[place % cores.count]] }
    if ProcessorCores.isMPIRun(environment) { ProcessorCores.bind(to: Array(share)) }
    return Array(share)
  }
}
