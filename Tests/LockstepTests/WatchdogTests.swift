import Diagnostics
import Foundation
import Host
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
    #expect(Watchdog.patience(in: .leaving, seconds: 5) == 10, "no machine is too busy to end")
    for phase in RankProgress.Phase.allCases { #expect(Watchdog.patience(in: phase, seconds: 0) == 0) }
  }

  @Test func placesOutsideOfTheRunAreTold() {
    let progress = RankProgress()
    for (phase, text) in [
      (RankProgress.Phase.initialising, "starting MPI, in MPI_Init_thread"),
      (.joining, "making the communicator, in MPI_Comm_split_type"), (.agreeing, "agreeing on what to do"),
      (.finalising, "ending MPI, in MPI_Finalize"),
      (.leaving, "ending, after MPI_Finalize"), (.computing, "step 1, computing, before the first collective"),
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

  /// A directory that stands in for /proc: this process below mpirun, and the other processes of some job.
  private struct Processes {
    let folder: Folder

    init() throws {
      folder = try Folder()
      try folder.write("lockstep", "")
    }

    func add(_ number: String, _ stat: String, _ environment: String, program: String? = nil) throws {
      try FileManager.default.createDirectory(atPath: folder[number], withIntermediateDirectories: true)
      try folder.write("\(number)/stat", "\(number) \(stat)")
      try folder.write("\(number)/environ", environment.replacing(" ", with: "\0"))
      try? folder.remove("\(number)/exe")
      try FileManager.default.createSymbolicLink(
        atPath: folder["\(number)/exe"], withDestinationPath: program ?? folder["lockstep"])
    }

    /// mpirun, and a shell between it and this process.
    func addLauncher() throws {
      try add("\(getppid())", "(a shell) S 12345678 1", "PATH=/bin")
      try add("12345678", "(mpirun) S 1 1", "PATH=/bin")
    }

    func partners(_ environment: [String: String] = Self.environment) -> Partners? {
      Partners(environment, processes: folder.path)
    }

    static let environment = [
      "OMPI_COMM_WORLD_LOCAL_SIZE": "3", "OMPI_COMM_WORLD_LOCAL_RANK": "1", "PMIX_NAMESPACE": "77",
    ]

    static func rank(_ place: Int, of job: Int = 77) -> String {
      "PMIX_NAMESPACE=\(job) OMPI_COMM_WORLD_LOCAL_RANK=\(place) OMPI_COMM_WORLD_RANK=\(place)"
    }
  }

  @Test func whichPartnersAreThere() throws {
    let processes = try Processes()
    #expect(processes.partners() == nil, "no mpirun is to be seen")
    try processes.addLauncher()
    try processes.add("90000100", "(lockstep) R 12345678 1", Processes.rank(2))
    try processes.add("90000101", "(lockstep) R 12345678 1", Processes.rank(0, of: 78))
    try processes.add("90000102", "(true) Z 12345678 1", "")
    let two = try #require(processes.partners())
    #expect(two.present == [1, 2] && two.areMissing && two.present.min() == two.own)
    #expect(two.complaint.hasPrefix("1 of the 3 processes that mpirun started on "))
    try processes.add("90000103", "(lockstep) T 12345678 1", Processes.rank(0))
    let all = try #require(processes.partners())
    #expect(!all.areMissing && all.present.min() != all.own)
    #expect(all.complaintOfStopped?.hasPrefix("rank 0 on ") == true && two.complaintOfStopped == nil)
    #expect(processes.partners(Processes.environment.filter { $0.key != "PMIX_NAMESPACE" }) == nil)
    #expect(processes.partners(Processes.environment.merging(["OMPI_COMM_WORLD_LOCAL_SIZE": "1"]) { $1 }) == nil)
  }

  /// The shell or tool that a rank is started by has its variables, and ends only when it has.
  @Test func whoIsAwaitedAtTheEnd() throws {
    let processes = try Processes()
    try processes.addLauncher()
    try processes.add("self", "(lockstep) R 12345678 1", "")
    try processes.add("90000100", "(sh) S 12345678 1", Processes.rank(0), program: try processes.folder.write("sh", ""))
    try processes.add("90000101", "(lockstep) R 90000100 1", Processes.rank(0))
    // By an emulator.
    try processes.add("90000102", "(sh) S 12345678 1", Processes.rank(2))
    try processes.add("90000103", "(lockstep) T 90000102 1", Processes.rank(2))
    let partners = try #require(processes.partners())
    #expect(partners.ofThisProgram.map(\.process.identifier) == [90000101, 90000103])
    #expect(partners.ofThisProgram.map(partners.isEnding) == [false, false])
    #expect(partners.complaintOfEnd?.contains("its process 90000103 is stopped") == true, "the other may be slow")
    try processes.add("90000101", "(\(Partners.endingName)) S 90000100 1", Processes.rank(0))
    #expect(partners.complaintOfEnd == nil && partners.waitingBefore == [0], "the first that waits speaks")
    try processes.add("90000101", "(\(Partners.endingName)) T 90000100 1", Processes.rank(0))
    let stopped = processes.partners()?.complaintOfEnd
    #expect(stopped?.contains("its process 90000101 is stopped") == true, "stopped while it waits for others")
    try processes.folder.remove("90000101")
    let complaint = processes.partners()?.complaintOfEnd
    #expect(complaint?.hasSuffix("at its end, its process 90000103 is stopped by a signal") == true)
    try processes.add("90000103", "(lockstep) Z 90000102 1", "")
    #expect(partners.ofThisProgram.allSatisfy(partners.isEnding))
    try processes.folder.remove("90000103")
    #expect(partners.others.filter { $0.process.identifier == 90000103 }.map(partners.isEnding) == [true])
  }
}
