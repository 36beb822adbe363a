import CKernels
import Foundation

/// The processor cores that threads may run on.
package enum ProcessorCores {
  /// Room for 4,096 cores.
  private static let words = 64

  /// The cores that a process may use, ascending; 0 means the calling thread. Nil where the system does not tell.
  package static func allowed(to process: Int32) -> [Int]? {
    var mask = [UInt64](repeating: 0, count: words)
    guard ck_affinity(process, &mask, Int64(words)) == 0 else { return nil }
    return (0..<words * 64).filter { mask[$0 / 64] >> UInt64($0 % 64) & 1 == 1 }
  }

  /// The cores that the ranks of a host divide: those of `mpirun`'s daemon on this host, or else this process's own.
  package static func shared(environment: [String: String]) -> [Int] {
    (isMPIRun(environment) ? allowed(to: getppid()) : nil) ?? allowed(to: 0) ?? [0]
  }

  /// Under srun the parent is Slurm's daemon, which may use more cores than the task that it bound.
  package static func isMPIRun(_ environment: [String: String]) -> Bool {
    environment[LauncherVariables.openMPISize] != nil
      && (try? String(contentsOfFile: "/proc/\(getppid())/comm", encoding: .utf8)) != "slurmstepd\n"
  }

  /// Binds the calling thread, and those that it starts later, to `cores`; false where that is not allowed.
  @discardableResult
  package static func bind(to cores: [Int]) -> Bool {
    var mask = [UInt64](repeating: 0, count: words)
    for core in cores where core < words * 64 { mask[core / 64] |= 1 << UInt64(core % 64) }
    return ck_bind(mask, Int64(words)) == 0
  }
}
