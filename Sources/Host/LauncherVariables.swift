/// What launchers tell the processes that they start, by variables of the environment: their names stand here once.
package enum LauncherVariables {
  /// How many processes Open MPI's mpirun has started: in all, and on this host.
  package static let openMPISize = "OMPI_COMM_WORLD_SIZE"
  package static let openMPILocalSize = "OMPI_COMM_WORLD_LOCAL_SIZE"
  /// The number of this process: in all, and on this host.
  package static let openMPIRank = "OMPI_COMM_WORLD_RANK"
  package static let openMPILocalRank = "OMPI_COMM_WORLD_LOCAL_RANK"
  /// Of the MPICH family, and of PMIx.
  package static let pmiSize = "PMI_SIZE"
  package static let pmiRank = "PMI_RANK"
  package static let pmixRank = "PMIX_RANK"
  /// Of Slurm's srun: tasks of the job, and of this step of it.
  package static let slurmTasks = "SLURM_NTASKS"
  package static let slurmStepTasks = "SLURM_STEP_NUM_TASKS"
  package static let slurmRank = "SLURM_PROCID"

  /// The number of this process among all, in the words of each launcher; the first that is set counts.
  package static let ranks = [openMPIRank, pmixRank, pmiRank, slurmRank]

  /// How many processes were started: Open MPI, the MPICH family, MVAPICH, IBM's jsrun.
  package static let sizes = [openMPISize, pmiSize, "MV2_COMM_WORLD_SIZE", "JSM_NAMESPACE_SIZE"]

  /// The number of this process, of launchers that keep the count to themselves.
  package static let ranksWithoutSize = [pmixRank, pmiRank, "PALS_RANKID"]
}
