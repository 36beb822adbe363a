import Diagnostics
import MPICommunication
import Testing

/// Which environments a world of one is refused in.
@Suite struct LaunchTests {
  @Test(arguments: [
    ["OMPI_COMM_WORLD_SIZE": "4"],
    ["PMI_SIZE": "2"],
    ["MV2_COMM_WORLD_SIZE": "3"],
    ["JSM_NAMESPACE_SIZE": "3"],
    ["PMI_SIZE": "1", "OMPI_COMM_WORLD_SIZE": "2"],
    // srun --mpi=none, first and second task.
    ["SLURM_NTASKS": "4", "SLURM_STEP_NUM_TASKS": "4", "SLURM_PROCID": "0"],
    ["SLURM_NTASKS": "4", "SLURM_STEP_NUM_TASKS": "4", "SLURM_PROCID": "1"],
    // srun --mpi=pmix with an MPI that does not speak it.
    ["SLURM_STEP_NUM_TASKS": "4", "SLURM_PROCID": "0", "PMIX_RANK": "0"],
    // A number above zero tells of others where no count does.
    ["SLURM_PROCID": "3"],
    ["SLURM_NTASKS": "8", "SLURM_PROCID": "3"],
    ["PMIX_RANK": "1"],
    ["PMI_RANK": "1"],
    ["PALS_RANKID": "1"],
    // What is not a number says nothing; the others still do.
    ["OMPI_COMM_WORLD_SIZE": "many", "SLURM_STEP_NUM_TASKS": "2"],
  ])
  func refused(environment: [String: String]) {
    let failure = #expect(throws: Failure.self) { try refuse(environment, size: 1) }
    #expect(failure?.code == .unavailable)
    #expect(failure?.description.contains("; start it with ") == true)
    for size in [2, 4, 1000] {
      #expect(throws: Never.self) { try refuse(environment, size: size) }
    }
  }

  @Test(arguments: [
    [:],
    ["OMPI_COMM_WORLD_SIZE": "1"],
    ["PMI_SIZE": "1", "PMI_RANK": "0"],
    ["OMPI_COMM_WORLD_SIZE": ""],
    ["PMI_SIZE": "two", "SLURM_PROCID": "first", "PMIX_RANK": "pmix"],
    // The script of sbatch -n 8, and the shell of salloc -n 8.
    ["SLURM_NTASKS": "8", "SLURM_NPROCS": "8", "SLURM_PROCID": "0", "SLURM_LOCALID": "0"],
    ["SLURM_NTASKS": "8", "SLURM_NPROCS": "8"],
    // srun -n 1 and mpirun -np 1 inside of larger jobs.
    ["SLURM_NTASKS": "8", "SLURM_STEP_NUM_TASKS": "1", "SLURM_PROCID": "0"],
    ["SLURM_NTASKS": "8", "SLURM_STEP_NUM_TASKS": "8", "SLURM_PROCID": "2", "OMPI_COMM_WORLD_SIZE": "1"],
    ["PMIX_RANK": "0"],
  ])
  func accepted(environment: [String: String]) {
    #expect(throws: Never.self) { try refuse(environment, size: 1) }
  }

  @Test func theMessageNamesTheEvidenceAndTheCure() {
    let slurm = #expect(throws: Failure.self) {
      try refuseLonelyWorld(size: 1, environment: ["SLURM_PROCID": "1", "SLURM_NTASKS": "4"], library: "")
    }
    #expect(slurm?.description.contains("Slurm started 4 processes or more (SLURM_PROCID=1)") == true)
    #expect(slurm?.description.contains("srun --mpi=pmix") == true)
    let mpirun = #expect(throws: Failure.self) {
      try refuseLonelyWorld(size: 1, environment: ["OMPI_COMM_WORLD_SIZE": "4"], library: "MPICH Version: 4.0.2")
    }
    #expect(mpirun?.description.contains("OMPI_COMM_WORLD_SIZE=4") == true)
    #expect(mpirun?.description.contains("the mpirun of MPICH Version: 4.0.2, which") == true)
  }

  @Test func aHostIsCrowdedWithMoreRanksThanCores() {
    func crowded(_ ranks: String, _ cores: Int?) -> Bool {
      isCrowded(environment: ["OMPI_COMM_WORLD_LOCAL_SIZE": ranks], coresOfLauncher: cores)
    }
    #expect(crowded("5", 4) && crowded("2", 1))
    #expect(!crowded("4", 4) && !crowded("1", 1) && !crowded("many", 1) && !crowded("9", nil))
    #expect(!isCrowded(environment: [:], coresOfLauncher: 1))
  }

  @Test func libraryNamesAreShort() throws {
    #expect(libraryName(in: "Open MPI v4.1.4, package: Debian OpenMPI, ident: 4.1.4") == "Open MPI v4.1.4")
    #expect(libraryName(in: "MPICH Version:\t4.0.2\nMPICH Release date:\tThu Apr 7") == "MPICH Version: 4.0.2")
    #expect(libraryName(in: "") == "")
    #expect(try !mpiLibrary().isEmpty)
  }

  private func refuse(_ environment: [String: String], size: Int) throws {
    try refuseLonelyWorld(size: size, environment: environment, library: "Open MPI v4.1.4")
  }
}
