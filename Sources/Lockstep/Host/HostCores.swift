import Communication
import Foundation

/// The processor cores that a rank may use: its share of its host's.
enum HostCores {
  /// This rank's share, and whether its threads are bound to it now.
  ///
  /// `mpirun` binds each rank to one core by default, which would make its lanes share that core. The cores that count
  /// are those that `mpirun` itself may use (the scheduler's or `taskset`'s choice): they are divided among the ranks of
  /// the host, and this rank's threads are bound to its part. Started otherwise, the rank's own cores count, divided
  /// among the ranks that have the same. With more ranks than cores, nothing is bound. All ranks call it.
  static func claimShare(_ world: any Communicator, environment: [String: String]) throws -> [Int] {
    let isMPIRun = environment["OMPI_COMM_WORLD_SIZE"] != nil
    let cores = (isMPIRun ? affinity(of: getppid()) : nil) ?? affinity(of: 0) ?? [0]
    let keys = try world.allGather("\(world.host) \(cores)")
    let peers = keys.indices.filter { keys[$0] == keys[world.rank] }
    let place = peers.firstIndex(of: world.rank)!
    let share = cores[cores.count * place / peers.count..<cores.count * (place + 1) / peers.count]
    guard cores.count >= peers.count else { return [cores[place % cores.count]] }
    if isMPIRun { bind(Array(share)) }
    return Array(share)
  }

  /// The cores that a process may run on, ascending; nil where the system does not tell.
  private static func affinity(of process: pid_t) -> [Int]? {
    var set = cpu_set_t()
    guard sched_getaffinity(process, MemoryLayout<cpu_set_t>.size, &set) == 0 else { return nil }
    return withUnsafeBytes(of: set) { bytes in
      (0..<bytes.count * 8).filter { bytes[$0 / 8] >> UInt8($0 % 8) & 1 == 1 }
    }
  }

  /// Binds this thread, and those it will start, to `cores`. Where it is not allowed, the binding stays as it was.
  private static func bind(_ cores: [Int]) {
    var set = cpu_set_t()
    withUnsafeMutableBytes(of: &set) { bytes in
      for core in cores where core / 8 < bytes.count { bytes[core / 8] |= 1 << UInt8(core % 8) }
    }
    _ = sched_setaffinity(0, MemoryLayout<cpu_set_t>.size, &set)
  }
}
