import Foundation
import Host

/// Has ranks give up their core while they wait for others, where a host has more ranks than cores.
///
/// Open MPI waits at full speed otherwise, and a rank that has no core gets one only at the end of another's time slice:
/// 43 seconds were seen for a run of 0.2. mpirun does this by itself where it knows of too few slots, but a hostfile may
/// promise more slots than there are cores. What the user has set stays. To be called before MPI begins.
func yieldWhereCrowded(environment: [String: String]) {
  guard environment[yieldParameter] == nil,
    isCrowded(environment: environment, coresOfLauncher: ProcessorCores.allowed(to: getppid())?.count)
  else { return }
  setenv(yieldParameter, "1", 1)
}

private let yieldParameter = "OMPI_MCA_mpi_yield_when_idle"

/// Whether mpirun started more ranks on this host than there are cores for them.
///
/// A rank itself may be bound to one core; how many all of them have, the process tells that started them.
package func isCrowded(environment: [String: String], coresOfLauncher: Int?) -> Bool {
  guard let ranks = environment[LauncherVariables.openMPILocalSize].flatMap({ Int($0) }), let coresOfLauncher else {
    return false
  }
  return ranks > coresOfLauncher
}
