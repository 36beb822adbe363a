import Foundation
import TestSupport
import Testing

extension DisturbedCommandTests {
  /// A job that makes no progress ends with 76, and names who is late.
  @Suite(.serialized) struct HangTests {
    let folder: Folder

    init() throws { folder = try Folder() }

    private static let endless = [
      "two-class", "--set", "epochs=1000000", "--set", "watchdog=6", "--set", "log-every=1",
    ]

    @Test(arguments: trials(0, 1, 2))
    func aStoppedRankIsNamed(target: Int) throws {
      let job = Job(Self.endless, ranks: 3, output: folder["run"])
      try job.waitForSteps()
      kill(try #require(job.ranks()[target]), SIGSTOP)
      let ended = try job.wait()
      #expect(ended.code == 76, "\(ended.errors)")
      #expect(
        ended.errors.contains(#/rank [0-2] on [^ ]+: no progress for [0-9]+ s: step [0-9]+, /#), "\(ended.errors)")
      // Rank zero speaks for all, and another in its place where it is the one that was stopped.
      #expect(
        ended.errors.contains(try Regex("lockstep: rank \(target) on [^ ]+ does not answer")), "\(ended.errors)")
      #expect(!FileManager.default.fileExists(atPath: folder["run/step-00000001"]))
    }

    /// Wherever a rank stops on its way from the first line of the program to the first step: the others say where they
    /// wait, and end. The times are drawn.
    @Test(arguments: trials(1, 0))
    func aRankThatStopsWhileItStarts(target: Int) throws {
      let delay = UInt32.random(in: 0..<150_000)
      print("SIGSTOP of rank \(target) \(delay) µs after it is seen")
      let job = Job(Self.endless, ranks: 2, output: folder["run"])
      try job.waitForRanks(2)
      usleep(delay)
      kill(try #require(job.ranks()[target]), SIGSTOP)
      let ended = try job.wait()
      #expect(ended.code == 76, "\(ended.errors)")
      #expect(
        ended.errors.contains(#/rank [01] on [^ ]+: no progress for [0-9]+ s: /#), "after \(delay) µs: \(ended.errors)")
      #expect(
        ended.errors.contains(try Regex("lockstep: rank \(target) on [^ ]+ (does not answer|is late)")),
        "after \(delay) µs: \(ended.errors)")
    }

    /// Here a rank stops as it reads the data; the patience is that of the run that the model comes from.
    @Test func aRankThatStopsInAnEvaluation() throws {
      let rows = "1,2,positive\n-1,-2,negative\n"
      let large = try folder.write("large.csv", "x,y,label\n" + String(repeating: rows, count: 1_000_000))
      try digest(["two-class", "-q", "--set", "watchdog=4", "-o", folder["run"]])
      let job = Job(
        "mpirun", launch(2) + [try builtProduct("lockstep"), "evaluate", folder["run"], "--data", large],
        environment: [:], output: folder["run"], deadline: 240)
      var stopped = false
      try job.waitForRanks(2) { ranks in
        guard let rank = ranks[1], Self.hasOpen(large, rank) else { return false }
        stopped = kill(rank, SIGSTOP) == 0
        return true
      }
      let ended = try job.wait()
      #expect(stopped && ended.code == 76, "\(ended.output)\(ended.errors)")
      #expect(ended.errors.contains(#/lockstep: rank 1 on [^ ]+ does not answer/#), "\(ended.errors)")
      #expect(!ended.errors.contains("--resume"), "\(ended.errors)")
    }

    private static func hasOpen(_ path: String, _ process: pid_t) -> Bool {
      let folder = "/proc/\(process)/fd"
      return ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).contains {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\($0)")) == path
      }
    }

    /// A partner that never calls MPI: whoever waits for it says so, and soon.
    @Test func aPartnerWithoutMPI() throws {
      let program = try builtProduct("lockstep")
      let ended = try run(
        "mpirun",
        ["--oversubscribe", "--allow-run-as-root", "-np", "2", program, "train", "two-class", "-o", folder["run"], ":"]
          + ["-np", "1", "true"],
        deadline: 60)
      expectComplaint(69, "1 of the 3 processes that mpirun started on ", ended)
      #expect(!folder.exists("run"))
    }

    /// mpirun itself would wait for ever where the first rank finds that its shared memory cannot be made.
    @Test(arguments: trials("1m", "64k", "6m"))
    func aSessionDirectoryWithoutRoom(size: String) throws {
      try folder.withFileSystem(options: "size=\(size)") { mount in
        let ended = try lockstep(
          ["train", "two-class", "-o", folder["run"]], ranks: 2, environment: ["TMPDIR": mount])
        // mpirun may add that a process of it ended.
        let complaint = try #require(complaints(ended).first, "\(ended.errors)")
        #expect(ended.code == 69 && complaint.hasPrefix("\(mount)/"), "\(ended.errors)")
        #expect(complaint.contains("expected room for Open MPI's session directory, 8 MiB, found "))
      }
    }

    /// The rank that leaves out a collective is named by what it does instead.
    @Test func aSkippedCollectiveIsNamedByTheWatchdog() throws {
      let ended = try lockstep(
        ["train"] + Self.endless + ["--set", "shared-memory=false", "-o", folder["run"]], ranks: 3,
        environment: ["LOCKSTEP_FAULT": "skip-collective:rank=1:step=3"])
      #expect(ended.code == 76, "\(ended.errors)")
      // Which ranks wait, and which went on, depends on how far each got; the culprit is among those named.
      #expect(ended.errors.contains(#/lockstep: .*rank 1 on /#), "\(ended.errors)")
    }

    @Test func aSkippedCollectiveIsNamedAtOnceWhereCallsAreCompared() throws {
      // Overlapped, buckets are under way by the time that one is missed: by its length.
      let overlapping = ["shared-memory=false", "overlap=always", "bucket-size=1024", "model=[dense: 900, dense: 2]"]
      for (number, settings) in [["shared-memory=true"], ["shared-memory=false"], overlapping].enumerated() {
        let words = (["check-collectives=true"] + settings).flatMap { ["--set", $0] }
        let ended = try lockstep(
          ["train"] + Self.endless + words + ["-o", folder["run-\(number)"]], ranks: 3,
          environment: ["LOCKSTEP_FAULT": "skip-collective:rank=1:step=3"])
        expectComplaint(70, "rank 1 on", ended, besides: 1)
        let complaint = complaints(ended).first ?? ""
        #expect(
          number < 2
            ? complaint.contains("where the others call") : complaint.contains(#/rank 1 on [^ ]+ sends [0-9]+ bytes/#),
          "\(ended.errors)")
      }
    }

    /// Behind MPI's end, on its last way: mpirun alone would miss it, and wait for ever.
    @Test(arguments: trials(0, 2))
    func aRankThatStopsAtItsEnd(target: Int) throws {
      let ended = try lockstep(
        ["train", "two-class", "-q", "--set", "epochs=1", "--set", "watchdog=10", "-o", folder["run"]], ranks: 3,
        environment: ["LOCKSTEP_FAULT": "stop-at-end:rank=\(target)"], deadline: 240)
      #expect(ended.code == 76, "\(ended.errors)")
      let complaint = "rank \(target) on [^ ]+ does not answer: at its end, its process [0-9]+ is stopped"
      #expect(ended.errors.contains(try Regex("lockstep: " + complaint)), "\(ended.errors)")
      #expect(checkpoints(folder, "run") != [], "what was trained is kept")
    }

    /// Commands that look at what is there have the same end.
    @Test func otherCommandsThatStopAtTheirEnd() throws {
      let patience = ["--set", "watchdog=10"]
      try digest(["two-class", "-q", "--set", "epochs=1", "-o", folder["run"]] + patience)
      for command in [
        ["evaluate", folder["run"]], ["audit", folder["run"]],
        ["doctor", "two-class", "-o", folder["other"]] + patience,
      ] {
        let undisturbed = try lockstep(command, ranks: 2)
        #expect(undisturbed.code == 0, "\(undisturbed)")
        let ended = try lockstep(
          command, ranks: 2, environment: ["LOCKSTEP_FAULT": "stop-at-end:rank=1"], deadline: 240)
        #expect(ended.code == 76, "\(command): \(ended)")
        let complaint = #/lockstep: rank 1 on [^ ]+ does not answer: at its end, its process/#
        #expect(ended.errors.contains(complaint), "\(ended.errors)")
      }
    }

    /// Another code than 0 has mpirun end those that are stopped.
    @Test func aRankThatStopsAfterAFailure() throws {
      let ended = try lockstep(
        ["train", "two-class", "-q", "--set", "data={csv: {train: \(folder["no.csv"])}}", "-o", folder["run"]],
        ranks: 3, environment: ["LOCKSTEP_FAULT": "stop-at-end:rank=1"], deadline: 240)
      #expect(ended.code == 66 && complaints(ended).count == 1, "\(ended.errors)")
    }

    /// Shells that wait for their ranks have the ranks' variables, and are not waited for at the end.
    @Test func aShellBetweenMpirunAndItsRanks() throws {
      let words = ["sh", "-c", "\"$0\" \"$@\"; exit $?", try builtProduct("lockstep"), "train", "two-class", "-q"]
      let ended = try run(
        "mpirun", launch(3) + words + ["--set", "epochs=1", "--set", "watchdog=20", "-o", folder["run"]], deadline: 240)
      #expect(ended.code == 0 && withoutCrowding(ended).errors == "", "\(ended.errors)")
    }

    @Test func aFaultThatCannotBeReadIsRefused() throws {
      let ended = try lockstep(
        ["train", "two-class", "-o", folder["run"]], environment: ["LOCKSTEP_FAULT": "flip-leaf:rank=x"])
      expectComplaint(64, "LOCKSTEP_FAULT: expected flip-leaf", ended)
    }

    /// Neither comparing nor watching changes a bit.
    @Test func observingChangesNoBit() throws {
      let plain = try digest(["two-class", "-q", "--set", "epochs=2", "--set", "watchdog=0", "-o", folder["plain"]])
      for memory in ["true", "false"] {
        let observed = try digest(
          [
            "two-class", "-q", "--set", "epochs=2", "--set", "check-collectives=true", "--set",
            "shared-memory=\(memory)", "-o", folder["observed-\(memory)"],
          ], ranks: 3)
        #expect(observed == plain)
      }
    }
  }
}
