import Diagnostics
import Host

/// Refuses a world of one rank where a launcher has started many processes.
///
/// A program that is linked with another MPI than the launcher speaks finds itself alone, N times over: N copies of
/// the same run would overwrite each other's files. What is decided here depends on the environment that the process
/// was started with, before MPI adds to it.
///
/// - The innermost launcher has the word: `mpirun -np 1` inside of a Slurm job of 8 tasks is one process.
/// - An `sbatch` script is one process, whatever `SLURM_NTASKS` says: that is what the job may start, not what it has.
/// - `library` names the MPI that the program is linked with, for the cure.
/// - A variable that is unset or not a number says nothing.
package func refuseLonelyWorld(size: Int, environment: [String: String], library: String) throws {
  guard size == 1 else { return }
  func number(_ name: String) -> Int? { environment[name].flatMap { Int($0) } }

  let told = LauncherVariables.sizes.compactMap { name in number(name).map { (name: name, count: $0) } }
  if let (name, count) = told.first(where: { $0.count > 1 }) {
    throw refusal(count, "mpirun", "\(name)=\(count)", cure: sameLibrary(library))
  }
  if !told.isEmpty { return }

  let (stepTasks, slurmRank) = (LauncherVariables.slurmStepTasks, LauncherVariables.slurmRank)
  if let tasks = number(stepTasks) {
    if tasks > 1 { throw refusal(tasks, "Slurm", "\(stepTasks)=\(tasks)", cure: slurm) }
    return
  }
  // Ranks count from zero: whoever has a number above it is not the only one.
  if let rank = number(slurmRank), rank > 0 {
    let tasks = max(rank + 1, number(LauncherVariables.slurmTasks) ?? 0)
    throw refusal(tasks, "Slurm", "\(slurmRank)=\(rank)", cure: slurm)
  }
  for name in LauncherVariables.ranksWithoutSize {
    if let rank = number(name), rank > 0 {
      throw refusal(rank + 1, "a launcher", "\(name)=\(rank)", cure: sameLibrary(library))
    }
  }
}

/// Whether this process is the first of those that Open MPI's mpirun has started on its host; so is each that another
/// launcher has started.
func isFirstOfHost(_ environment: [String: String]) -> Bool {
  environment[LauncherVariables.openMPILocalRank].map { $0 == "0" } ?? true
}

/// How many processes a launcher (mpirun, srun) says it has started, this one among them; 1 where none says so.
package func launchedProcessCount(_ environment: [String: String]) -> Int {
  let names = LauncherVariables.sizes + [LauncherVariables.slurmStepTasks]
  return names.lazy.compactMap { environment[$0].flatMap { Int($0) } }.first ?? 1
}

private func sameLibrary(_ library: String) -> String {
  "start it with the mpirun of \(library), which the program is linked with (ldd PROGRAM | grep libmpi shows it)"
}

private let slurm =
  "start it with srun --mpi=pmix (srun --mpi=list shows what this cluster offers), or with mpirun inside of the job"

private func refusal(_ count: Int, _ launcher: String, _ evidence: String, cure: String) -> Failure {
  Failure(
    .unavailable,
    "\(launcher) started \(count) processes or more (\(evidence)), but the MPI world of this one has size 1",
    cure: cure)
}
