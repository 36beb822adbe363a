import Foundation
import TestSupport
import Testing

extension SupervisedCommandTests {
  /// Training that is kept going when its ranks and hosts die: the digest is that of a run that nothing happened to.
  @Suite(.serialized) struct LaunchTests: Launching {
    let folder: Folder

    init() throws { folder = try Folder() }

    @Test func withoutAFailureItIsTrain() throws {
      let ended = try launch(["-n", "2"]).wait()
      try expectDone(ended)
      #expect(withoutCrowding(ended).errors == "")
    }

    /// Ranks are killed when the training has come on by a number of lines of metrics; rank and number are drawn. The
    /// first falls in the first third, and so hits a run that goes on; later ones may find it done.
    @Test(arguments: trials(3, 2))
    func killedRanksChangeNoBit(ranks: Int) throws {
      var generator = Seeded(seed: UInt64.random(in: 0..<1_000_000))
      print("SIGKILL of a supervised rank: seed \(generator.seed)")
      let job = try launch(["-n", "\(ranks)", "--max-restarts", "9"])
      var killed: Set<pid_t> = []
      for _ in 0..<3 {
        try job.waitForLines(job.lines() + Int.random(in: 1...50, using: &generator))
        // Those of the attempt before may be there still.
        try job.waitForRanks(ranks) { killed.isDisjoint(with: $0.values) }
        guard !job.hasEnded, let process = job.ranks()[Int.random(in: 0..<ranks, using: &generator)] else { continue }
        if kill(process, SIGKILL) == 0 { killed.insert(process) }
      }
      let ended = try job.wait()
      try expectDone(ended)
      let restarts = said(ended).filter {
        $0.contains(#/rank [0-9]+ on [^ ]+ was ended by signal 9 .Killed.; going on /#)
      }
      #expect(!restarts.isEmpty && restarts.count <= killed.count, "\(killed) killed: \(ended.errors)")
      #expect(lines(ended.errors).allSatisfy { $0.hasPrefix("launch: ") || $0.hasPrefix("note: ") }, "\(ended.errors)")
    }

    /// An mpirun that starts nothing and does not end, where no rank is there to watch.
    @Test func anAttemptThatStartsNoRank() throws {
      let environment = try environment(mpirun: "exec sleep 1000\n")
      let ended = try launch(
        ["-n", "2", "--max-restarts", "0"], ["two-class", "--set", "watchdog=1"], environment: environment
      ).wait()
      #expect(ended.code == 71, "\(ended.errors)")
      #expect(
        complaints(ended).first?.contains(#/^nothing has moved for [0-9]+ s: mpirun has started no rank;/#) == true,
        "\(ended.errors)")
    }

    /// No attempt comes to a checkpoint: an mpirun that dies at once stands in for the real one.
    @Test func theLimitOfRestarts() throws {
      let environment = try environment(mpirun: "echo started >>\"$0.log\"\nkill -SEGV $$\n")
      let ended = try launch(["-n", "2", "--max-restarts", "2"], environment: environment).wait()
      #expect(ended.code == 71, "\(ended.errors)")
      #expect(try lines(folder.text("mpirun.log")).count == 3)
      #expect(said(ended).count == 2)
      #expect(
        complaints(ended) == [
          "mpirun ended with code 139; gave up after 2 restarts without a newer checkpoint; once that is mended, go on "
            + "with --resume"
        ], "\(ended.errors)")
    }

    /// The wait before a restart follows no clock that somebody may set: here each look at it finds it an hour earlier.
    @Test func aClockThatIsSetBack() throws {
      let preloaded = try preloading(
        """
        #define _GNU_SOURCE
        #include <stdatomic.h>
        #include <sys/syscall.h>
        #include <sys/time.h>
        #include <time.h>
        #include <unistd.h>
        static atomic_long hours = 1;
        int clock_gettime(clockid_t clock, struct timespec *time) {
          int code = syscall(SYS_clock_gettime, clock, time);
          if (clock == CLOCK_REALTIME) time->tv_sec -= 3600 * atomic_fetch_add(&hours, 1);
          return code;
        }
        int gettimeofday(struct timeval *restrict time, void *restrict zone) {
          struct timespec now;
          clock_gettime(CLOCK_REALTIME, &now);
          *time = (struct timeval){now.tv_sec, now.tv_nsec / 1000};
          return 0;
        }
        """, in: folder)
      let times = try [[:], preloaded].map { try run("date", ["+%s"], environment: $0, deadline: 60).output }
      let seconds = times.compactMap { Int($0.dropLast()) }
      #expect(seconds.count == 2 && seconds[1] <= seconds[0] - 3000, "the clock stands: \(times)")

      let environment = try environment(mpirun: "kill -SEGV $$\n").merging(preloaded) { $1 }
      let start = SuspendingClock.now
      let ended = try launch(["-n", "2", "--backoff", "1", "--max-restarts", "2"], environment: environment).wait()
      #expect(ended.code == 71 && said(ended).count == 2, "\(ended.errors)")
      #expect(SuspendingClock.now - start >= .seconds(3), "it waits for all that")
    }

    /// A run that passes over a damaged checkpoint comes on by whole ones, though none is newer than the damaged one. An
    /// mpirun that lets the run come on by one checkpoint, and dies, stands in for the real one; the third succeeds.
    @Test func progressIsCountedInWholeCheckpoints() throws {
      let settings = ["--set", "data.two-class.train=1024", "--set", "epochs=1", "--set", "checkpoint-every=4"]
      try digest(["two-class", "-q", "-o", folder["whole"], "--set", "keep-checkpoints=9"] + settings)
      #expect(checkpoints(folder, "whole") == [4, 8, 12, 16])
      try FileManager.default.createDirectory(atPath: folder["run"], withIntermediateDirectories: true)
      for step in ["step-00000004", "step-00000016"] { try folder.copy("whole/\(step)", to: "run/\(step)") }
      try folder.write("run/step-00000016/model.safetensors", "damaged")
      let environment = try environment(
        mpirun: """
          cd "$(dirname "$0")"
          for step in step-00000008 step-00000012
          do test -d run/$step || { cp -r whole/$step run/$step; kill -SEGV $$; }
          done
          echo lockstep-done 12 >&2
          """)
      let ended = try launch(
        ["-n", "2", "--max-restarts", "1"], ["two-class", "--resume"], environment: environment
      ).wait()
      #expect(ended.code == 0, "\(ended.errors)")
      #expect(
        said(ended)
          == [8, 12].map {
            "launch: mpirun ended with code 139; going on from step \($0) in 0.1 s (restart 1 of 1)"
          }, "\(ended.errors)")
    }

    /// The rank whose parameters are odd is blamed, not the one that counts them.
    @Test func theOddRankIsBlamed() throws {
      let settings = ["compare-every=6", "shared-memory=false"].flatMap { ["--set", $0] }
      let ended = try launch(
        ["-n", "3", "--max-restarts", "1"], ["two-class", "-q"] + settings,
        environment: ["LOCKSTEP_FAULT": "flip-parameter:rank=1:step=5"]
      ).wait()
      #expect(ended.code == 71, "\(ended.errors)")
      #expect(
        said(ended).count == 1 && said(ended)[0].contains(#/rank 1 on [^ ]+ failed; going on from the beginning/#),
        "\(ended.errors)")
    }

    /// A rank that stands still is blamed, not those that wait for it; without it the run goes on to the same end.
    @Test(arguments: trials((2, 1), (0, 1), (0, 3), (1, 3)))
    func theStoppedRankIsBlamed(rank: Int, hosts: Int) throws {
      let cluster = hosts > 1 ? try VirtualCluster(hosts: hosts) : nil
      guard hosts == 1 || cluster != nil else { return }
      let job = try launch(
        ["-n", "3", "--max-restarts", "9"] + (cluster.map { ["--hostfile", $0.hostfile] } ?? []),
        // Where hosts share the cores of this machine, a rank may wait long for the others.
        (hosts > 1 ? LongRun.short : LongRun.recipe) + ["--set", "watchdog=\(hosts > 1 ? 15 : 5)"], on: cluster)
      try job.waitForSteps()
      kill(try #require(job.ranks()[rank]), SIGSTOP)
      let ended = try job.wait()
      try expectDone(ended, hosts > 1 ? LongRun.expectedOfShort : LongRun.expected)
      let host = cluster == nil ? "[^ ]+" : "node\(rank + 1)"
      // On a machine with much else to do a restart may have come before.
      let wanted = try Regex("rank \(rank) on \(host) does not answer; going on from ")
      #expect(said(ended).contains { $0.contains(wanted) }, "\(ended.errors)")
    }

    /// One rank alone, which no other misses.
    @Test func theOnlyRankIsMissed() throws {
      let job = try launch(["-n", "1"], LongRun.recipe + ["--set", "watchdog=2"])
      try job.waitForSteps()
      kill(try #require(job.ranks()[0]), SIGSTOP)
      let ended = try job.wait()
      try expectDone(ended)
      let words = #/nothing has moved for [0-9]+ s: rank 0 on [^ ]+, last heard [0-9]+ s ago: .*; going on from /#
      #expect(said(ended).contains { $0.contains(words) }, "\(ended.errors)")
    }

    /// Behind MPI's end there is nothing left to go on with.
    @Test(arguments: trials(3, 1))
    func aRankThatStopsAtItsEnd(ranks: Int) throws {
      let ended = try launch(
        ["-n", "\(ranks)"], LongRun.short + ["--set", "watchdog=10"],
        environment: ["LOCKSTEP_FAULT": "stop-at-end:rank=0"]
      ).wait()
      try expectDone(ended, LongRun.expectedOfShort)
      let word = "launch: the training is done, though mpirun ended with code "
      #expect(said(ended).count == 1 && said(ended)[0].hasPrefix(word), "\(ended.errors)")
      let isNamed = ended.errors.contains(#/lockstep: rank 0 on [^ ]+ does not answer: at its end, its process /#)
      #expect(isNamed == (ranks > 1), "\(ended.errors)")
    }

    /// A stop reaches the ranks, which write a checkpoint; 75 is handed on, and the next launch goes on.
    @Test(arguments: trials(SIGTERM, SIGINT, SIGUSR1, SIGHUP))
    func aSignalStopsWithACheckpoint(signal: Int32) throws {
      let job = try launch(["-n", "2"])
      try job.waitForSteps()
      kill(try #require(job.process { $0.dropFirst().first == "launch" }), signal)
      let ended = try job.wait()
      #expect(ended.code == 75, "\(ended.output)\(ended.errors)")
      #expect(said(ended) == [])
      #expect(lines(ended.output).last?.hasPrefix("stopped on request after step ") == true)
      #expect(checkpoints(folder, "run") != [])
      try expectDone(launch(["-n", "3"], LongRun.recipe + ["--resume"]).wait())
    }

    /// What restarting cannot mend is said once, by the rank that met it, and not tried again.
    @Test func mistakesAreNotTriedAgain() throws {
      let data = ["two-class", "--set", "data={csv: {train: \(folder["no.csv"])}}"]
      let missing = try launch(["-n", "2"], data).wait()
      #expect(missing.code == 66 && said(missing) == [], "\(missing.errors)")
      #expect(complaints(missing).count == 1 && complaints(missing)[0].contains("no.csv: open: No such file"))
      #expect(!missing.errors.contains("-----"), "mpirun's words add nothing")

      let loss = ["two-class", "-q", "--set", "schedule={step: {every: 70, factor: 1e38}}"]
      let diverged = try launch(["-n", "2"], loss).wait()
      #expect(diverged.code == 65 && said(diverged) == [], "\(diverged.errors)")
      #expect(complaints(diverged).count == 1 && complaints(diverged)[0].contains("lower the learning rate"))

      let setting = try launch(["-n", "2"], ["two-class", "--set", "bach=1"]).wait()
      #expect(setting.code == 78 && complaints(setting).count == 1, "\(setting.errors)")
    }

    @Test(arguments: [
      ["-n", "2"], ["-n", "2", "train", "two-class"], ["--", "train", "two-class"],
      ["-n", "0", "--", "train", "two-class"], ["-n", "65537", "--", "train", "two-class"],
      ["-n", "2", "--min", "3", "--", "train", "two-class"],
      ["-n", "2", "--min", "0", "--", "train", "two-class"], ["-n", "2", "--", "evaluate", "run"],
      ["-n", "2", "--", "train"], ["-n", "2", "--", "train", "two-class", "--bogus"],
      ["-n", "2", "--backoff", "-1", "--", "train", "two-class"],
      ["-n", "2", "--max-restarts", "-1", "--", "train", "two-class"],
      ["-n", "2", "--hostfile", "", "--", "train", "two-class"],
    ])
    func misuse(arguments: [String]) throws {
      let ended = try lockstep(["launch"] + arguments)
      #expect(ended.code == 64 && ended.output == "", "\(ended)")
      #expect(ended.errors.hasPrefix("Error: "))
    }

    @Test func badHostfiles() throws {
      let train = ["--", "train", "two-class", "-o", folder["run"]]
      let small = try folder.write("small", "localhost slots=2\n")
      for (file, code, message) in [
        (folder["none"], Int32(66), "open: No such file or directory"),
        (try folder.write("empty", "# nothing\n"), 78, "expected hosts, found none"),
        (small, 64, "expected slots for 3 ranks, found 2; lower -n, or give the hosts more slots"),
      ] {
        expectComplaint(code, message, try lockstep(["launch", "-n", "3", "--hostfile", file] + train))
      }
      #expect(!folder.exists("run"))
    }
  }
}
