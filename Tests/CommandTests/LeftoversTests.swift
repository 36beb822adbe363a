import Diagnostics
import Foundation
import Host
import TestSupport
import Testing

extension DisturbedCommandTests {
  /// What an mpirun that is killed leaves in memory and on the disk goes at the next start, and nothing else.
  @Suite(.serialized) struct LeftoversTests {
    let folder: Folder
    private let session: Folder

    init() throws { (folder, session) = (try Folder(), try Folder()) }

    /// A long training on two ranks, whose session directory is in a folder of its own.
    private func start(_ settings: [String] = []) throws -> Job {
      let program = try builtProduct("lockstep")
      return Job(
        "mpirun", launch(2) + [program, "train"] + LongRun.recipe + settings + ["-o", folder["run"]],
        environment: ["TMPDIR": session.path], output: folder["run"], deadline: 300)
    }

    /// A short one beside it.
    private func trainAnother() throws {
      let ended = try lockstep(
        ["train", "two-class", "-q", "--set", "epochs=1", "-o", folder["other"]], ranks: 2,
        environment: ["TMPDIR": session.path])
      #expect(ended.code == 0, "\(ended.errors)")
      try folder.remove("other")
    }

    /// The job's segments of shared memory, by the number that mpirun gave it.
    private func segments(of rank: pid_t) throws -> [String] {
      let job = try #require(HostProcess(Int(rank)).variables["PMIX_NAMESPACE"])
      let number = String(try #require(UInt32(job)), radix: 16)
      return try FileManager.default.contentsOfDirectory(atPath: "/dev/shm")
        .filter { $0.hasPrefix("vader_segment.") && $0.contains(".\(number).") }.map { "/dev/shm/\($0)" }
    }

    /// Has the job's files look as if nobody had touched them for so many seconds.
    private func age(_ segments: [String], by seconds: Double) throws {
      let sessions = try FileManager.default.subpathsOfDirectory(atPath: session.path).map { session[$0] }
      for path in segments + sessions {
        let date = Date(timeIntervalSinceNow: -seconds)
        try? FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: path)
      }
    }

    private func existing(_ paths: [String]) -> [String] { paths.filter(FileManager.default.fileExists) }

    /// Whether the kernel grants leases on files of the folder, without which nothing is deleted.
    private func canLease() throws -> Bool {
      let file = open(try session.write("probe", ""), O_RDONLY)
      defer { close(file) }
      try session.remove("probe")
      return fcntl(file, 1024, Int32(F_RDLCK)) == 0
    }

    @Test func thoseOfAKilledJobGo() throws {
      guard try canLease() else { return notTested("leftovers", because: "the file system has no leases") }
      let job = try start()
      try job.waitForSteps()
      let ranks = job.ranks()
      let segments = try segments(of: try #require(ranks[0]))
      #expect(segments.count == 2)
      let mpirun = try #require(job.process { $0.first?.hasSuffix("mpirun") == true })
      for process in [mpirun] + ranks.values { kill(process, SIGKILL) }
      _ = try job.wait()
      // Those that nobody has buried are dead, and have no arguments any more.
      while !job.ranks().isEmpty { usleep(5000) }
      #expect(existing(segments) == segments, "Open MPI left none: is this still needed?")
      let sessions = session.names().map { session["\($0)/pid.\(mpirun)"] }
      #expect(existing(sessions).count == 1)

      // However long the next start takes.
      try age(segments, by: -3600)
      try trainAnother()
      #expect(existing(segments + sessions) == segments + sessions, "too young to be sure")
      try age(segments, by: 3600)
      try trainAnother()
      #expect(existing(segments + sessions) == [])
    }

    /// However old its files look.
    @Test func thoseOfARunningJobStay() throws {
      let job = try start(["--set", "epochs=100000"])
      try job.waitForSteps()
      let rank = try #require(job.ranks()[0])
      let segments = try segments(of: rank)
      try age(segments, by: 3600)
      let sessions = try FileManager.default.subpathsOfDirectory(atPath: session.path).map { session[$0] }
      try trainAnother()
      #expect(!job.hasEnded)
      #expect(segments.count == 2 && existing(segments) == segments)
      #expect(sessions.count > 10 && existing(sessions) == sessions)
      kill(rank, SIGTERM)
      let ended = try job.wait()
      #expect(ended.code == 75 && complaints(ended) == [], "\(ended.errors)")
    }
  }
}
