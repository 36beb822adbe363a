import Diagnostics
import Foundation
import TestSupport
import Testing

@testable import Lockstep

@Suite struct WatchdogTests {
  /// Every phase has a deadline; only a watchdog of 0 seconds waits for ever.
  @Test func patience() {
    for phase in RankProgress.Phase.allCases {
      let seconds = Watchdog.patience(in: phase, seconds: 300)
      switch phase {
      case .initialising, .joining, .agreeing: #expect(seconds == 120)
      case .starting, .checkpointing: #expect(seconds == 1200)
      default: #expect(seconds == 300)
      }
    }
    #expect(Watchdog.patience(in: .joining, seconds: 5) == 20)
  }

  @Test func placesOutsideOfTheRunAreTold() {
    let progress = RankProgress()
    for (phase, text) in [
      (RankProgress.Phase.initialising, "starting MPI, in MPI_Init_thread"),
      (.joining, "making the communicator, in MPI_Comm_split_type"), (.agreeing, "agreeing on what to do"),
      (.finalising, "ending MPI, in MPI_Finalize"), (.computing, "step 1, computing, before the first collective"),
    ] {
      progress.enter(phase, step: 0)
      #expect(progress.position.text == text)
    }
  }

  private static let commandLines: [([String], Double)] = [
    (["watchdog=7"], 7), (["seed=1", "watchdog=7", "watchdog=0"], 0), ([], 300), (["watchdog=soon"], 300),
    (["watchdog=-1"], 300), (["watchdog.seconds=7"], 300),
  ]

  @Test(arguments: commandLines)
  func secondsOfTheCommandLine(overrides: [String], seconds: Double) {
    #expect(RunConfiguration.watchdogSeconds(overrides: overrides) == seconds)
  }

  @Test func whoThisProcessIsToBe() {
    let place = LaunchedPlace(["OMPI_COMM_WORLD_RANK": "3", "SLURM_PROCID": "0"], host: "node2")
    #expect(place.rank == 3 && place.text == "rank 3 on node2")
    #expect(LaunchedPlace([:], host: "node2").text == "lockstep")
  }

  /// A directory stands in for /proc: this process below mpirun, and the other processes of some job.
  @Test func whichPartnersAreThere() throws {
    let folder = try Folder()
    func process(_ number: String, _ stat: String, _ environment: String) throws {
      try FileManager.default.createDirectory(atPath: folder[number], withIntermediateDirectories: true)
      try folder.write("\(number)/stat", stat)
      try folder.write("\(number)/environ", environment.replacing(" ", with: "\0"))
    }
    let environment = [
      "OMPI_COMM_WORLD_LOCAL_SIZE": "3", "OMPI_COMM_WORLD_LOCAL_RANK": "1", "PMIX_NAMESPACE": "77",
    ]
    #expect(Partners(environment, processes: folder.path) == nil, "no mpirun is to be seen")
    try process("\(getppid())", "\(getppid()) (a shell) S 12345678 1", "PATH=/bin")
    try process("12345678", "12345678 (mpirun) S 1 1", "PATH=/bin")
    try process("100", "100 (lockstep) R 12345678 1", "PMIX_NAMESPACE=77 OMPI_COMM_WORLD_LOCAL_RANK=2")
    try process("101", "101 (lockstep) R 12345678 1", "PMIX_NAMESPACE=78 OMPI_COMM_WORLD_LOCAL_RANK=0")
    try process("102", "102 (true) Z 12345678 1", "")
    let two = try #require(Partners(environment, processes: folder.path))
    #expect(two.present == [1, 2] && two.areMissing && two.present.min() == two.own)
    #expect(two.complaint.hasPrefix("1 of the 3 processes that mpirun started on "))
    try process("103", "103 (lockstep) R 12345678 1", "PMIX_NAMESPACE=77 OMPI_COMM_WORLD_LOCAL_RANK=0")
    let all = try #require(Partners(environment, processes: folder.path))
    #expect(!all.areMissing && all.present.min() != all.own)
    #expect(Partners(environment.filter { $0.key != "PMIX_NAMESPACE" }, processes: folder.path) == nil)
    #expect(
      Partners(environment.merging(["OMPI_COMM_WORLD_LOCAL_SIZE": "1"]) { $1 }, processes: folder.path) == nil)
  }
}
