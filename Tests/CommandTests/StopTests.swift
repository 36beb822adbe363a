import Foundation
import TestSupport
import Testing

extension StoppedCommandTests {
  /// Stops of `lockstep launch` at its every moment: none is lost, and 0 means that the run is done.
  @Suite(.serialized) struct StopTests: Launching {
    let folder: Folder

    init() throws { folder = try Folder() }

    /// The process of `lockstep launch`, as soon as it is there.
    private func supervisor(_ job: Job) throws -> pid_t {
      while !job.hasEnded {
        if let process = job.process(where: {
          $0.first?.hasSuffix("/lockstep") == true && $0.dropFirst().first == "launch"
        }) {
          // From its first instruction on; before, the loader brings in the libraries.
          while !Self.waitsForRequests(process), !job.hasEnded { usleep(500) }
          return process
        }
        usleep(1000)
      }
      let ended = try job.wait()
      return try #require(nil as pid_t?, "launch has ended: \(ended)")
    }

    private static func waitsForRequests(_ process: pid_t) -> Bool {
      let status = (try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)) ?? ""
      guard let blocked = status.firstMatch(of: #/SigBlk:\s+([0-9a-f]+)/#).flatMap({ UInt64($0.1, radix: 16) }) else {
        return false
      }
      return blocked & (1 << UInt64(SIGTERM - 1)) != 0
    }

    private func expectResumable() throws {
      #expect(try LongRun.resumed(in: folder, ranks: 3) == LongRun.expected.get())
    }

    /// Open MPI's mpirun does so where SIGUSR1 comes while it starts its daemons.
    @Test func anMpirunThatEndsWellWithoutHavingTrained() throws {
      let script = "echo started >>\"$0.log\"\n"
      let ended = try launch(["-n", "2", "--max-restarts", "1"], environment: environment(mpirun: script)).wait()
      #expect(ended.code == 71, "\(ended.errors)")
      #expect(try lines(folder.text("mpirun.log")).count == 2)
      #expect(
        complaints(ended).first?.hasPrefix("mpirun ended with code 0, but the training is not done; gave up") == true,
        "\(ended.errors)")
    }

    /// A checkpoint has to be there that proves what a line says.
    @Test func aWordWithoutItsCheckpoint() throws {
      let script = "echo lockstep-done 42 >&2\n"
      let ended = try launch(["-n", "2", "--max-restarts", "0"], environment: environment(mpirun: script)).wait()
      #expect(ended.code == 71, "\(ended.errors)")
    }

    /// As long as no rank was heard there is nobody to tell: mpirun itself is ended, whatever it makes of that.
    @Test(arguments: trials("kill -KILL $$", "exit 0", "exit 1", "true"))
    func aStopWhileRanksAreStarted(answer: String) throws {
      let script = "trap '\(answer)' TERM\ntrap 'exit 0' USR1\ntouch \"$0.began\"\nwhile true; do sleep 0.05; done\n"
      let job = try launch(["-n", "2"], environment: environment(mpirun: script))
      while !job.hasEnded, !folder.exists("mpirun.began") { usleep(2000) }
      kill(try supervisor(job), SIGTERM)
      let ended = try job.wait()
      #expect(ended.code == 75 && ended.output == "", "\(ended)")
      #expect(
        said(ended) == ["launch: stopped before the first checkpoint: nothing is kept, start it again"],
        "\(ended.errors)")
    }

    /// Whether a moment falls before the first rank or after it depends on the machine; what comes of it does not.
    @Test(arguments: trials(160, 0, 40, 80, 320, 640))
    func aStopAtAnyMomentOfTheStart(milliseconds: UInt32) throws {
      let job = try launch(["-n", "2"])
      let process = try supervisor(job)
      usleep(milliseconds * 1000)
      kill(process, SIGTERM)
      try expectStopped(job.wait())
      try expectResumable()
    }

    /// As `timeout` sends it, to the process and then to its group: one request, which leaves time for a checkpoint.
    @Test func aStopThatComesTwiceAtOnce() throws {
      let job = try launch(["-n", "2"])
      try job.waitForSteps()
      let process = try supervisor(job)
      for signal in [SIGTERM, SIGINT] {
        kill(process, signal)
        usleep(2000)
      }
      let ended = try job.wait()
      #expect(ended.code == 75 && said(ended) == [], "\(ended)")
      #expect(lines(ended.output).last?.hasPrefix("stopped on request after step ") == true)
    }

    /// Before the first attempt, while the run directory does not answer: the newest checkpoint is told by its name.
    @Test func aStopWhileTheDirectoryIsRead() throws {
      try digest(["two-class", "-q", "--set", "epochs=1", "-o", folder["run"]])
      let newest = try #require(checkpoints(folder, "run").max())
      let hanging = try preloading(
        """
        #include <sys/types.h>
        #include <unistd.h>
        ssize_t pread(int file, void *bytes, size_t count, off_t offset) {
          for (;;) pause();
        }
        ssize_t pread64(int file, void *bytes, size_t count, off_t offset) {
          for (;;) pause();
        }
        """, in: folder)
      let job = try launch(["-n", "2"], LongRun.recipe + ["--resume"], environment: hanging)
      let process = try supervisor(job)
      usleep(300_000)
      kill(process, SIGTERM)
      let ended = try job.wait()
      #expect(ended.code == 75 && ended.output == "", "\(ended)")
      #expect(said(ended) == ["launch: stopped; go on from step \(newest) with --resume"], "\(ended.errors)")
    }

    /// A start that fails before `train` could refuse it is not made up for by the checkpoints of another run.
    @Test func anotherRunIsNotGoneOnWith() throws {
      try digest(["two-class", "-q", "--set", "epochs=1", "-o", folder["run"]])
      let script = "echo \"$*\" >>\"$0.log\"\nkill -SEGV $$\n"
      let ended = try launch(["-n", "2", "--max-restarts", "1"], environment: environment(mpirun: script)).wait()
      #expect(ended.code == 71, "\(ended.errors)")
      let words = try lines(folder.text("mpirun.log"))
      #expect(words.count == 2 && words.allSatisfy { !$0.contains("--resume") }, "\(words)")
    }

    /// Told to put a rank and a stream before each line, mpirun's are understood all the same.
    @Test func taggedLines() throws {
      let script = "echo '[1,0]<stderr>:lockstep-done 8' >&2\nmkdir -p \"$(dirname $0)/run/step-00000008\"\nexit 1\n"
      let ended = try launch(["-n", "2", "--max-restarts", "0"], environment: environment(mpirun: script)).wait()
      #expect(ended.code == 0, "\(ended.errors)")
      #expect(said(ended) == ["launch: the training is done, though mpirun ended with code 1"])
    }

    /// On several hosts a rank that stops before there is a communicator is missed by launch alone.
    @Test func aRankThatStopsWhileItStartsOnAHostOfItsOwn() throws {
      guard let cluster = try VirtualCluster(hosts: 3) else { return }
      let job = try launch(
        ["-n", "3", "--hostfile", cluster.hostfile, "--max-restarts", "9"],
        LongRun.short + ["--set", "watchdog=5"], on: cluster)
      var frozen = false
      try job.waitForRanks(3) { ranks in
        // In MPI_Init: the run directory is made much later.
        frozen = frozen || ranks[1].map { kill($0, SIGSTOP) == 0 } ?? false
        return frozen
      }
      let ended = try job.wait()
      #expect(ended.code == 0, "\(ended.errors)")
      #expect(
        said(ended).contains {
          $0.contains(#/^launch: rank 1 on node2 (says nothing any more|does not answer); going on /#)
        }, "\(ended.errors)")
    }

    /// The same while daemons are started on other hosts, where mpirun takes its time.
    @Test(arguments: trials(500, 100, 250, 1000))
    func aStopWhileHostsAreReached(milliseconds: UInt32) throws {
      guard let cluster = try VirtualCluster(hosts: 3) else { return }
      let job = try launch(["-n", "3", "--hostfile", cluster.hostfile], on: cluster)
      let process = try supervisor(job)
      usleep(milliseconds * 1000)
      kill(process, SIGTERM)
      try expectStopped(job.wait())
      try expectResumable()
    }

    /// While ranks are started anew after a failure, which leaves a checkpoint or none.
    @Test(arguments: trials(300, 0))
    func aStopDuringARestart(milliseconds: UInt32) throws {
      let script = """
        test -e "$0.began" && touch "$0.again"
        touch "$0.began"
        PATH=${PATH#*:} exec mpirun "$@"

        """
      let job = try launch(["-n", "2"], environment: environment(mpirun: script))
      try job.waitForSteps()
      kill(try #require(job.ranks()[1]), SIGKILL)
      while !job.hasEnded, !folder.exists("mpirun.again") { usleep(1000) }
      usleep(milliseconds * 1000)
      kill(try supervisor(job), SIGTERM)
      let ended = try job.wait()
      expectStopped(ended)
      let restart = " was ended by signal 9 (Killed); going on from "
      #expect(said(ended).contains { $0.contains(restart) }, "\(ended.errors)")
      try expectResumable()
    }

    private func expectStopped(_ ended: Ended) {
      #expect(ended.code == 75, "\(ended.output)\(ended.errors)")
      if checkpoints(folder, "run").isEmpty {
        #expect(said(ended).last?.hasPrefix("launch: stopped before the first checkpoint") == true, "\(ended.errors)")
      } else {
        let isTold = lines(ended.output).last?.hasPrefix("stopped on request after step ") == true
        #expect(isTold || said(ended).last?.hasPrefix("launch: stopped; go on from step ") == true, "\(ended)")
      }
    }

    /// Nobody would start the ranks again: they end with the one that looks after them.
    @Test func ranksEndWithTheirSupervisor() throws {
      let job = try launch(["-n", "2"], LongRun.recipe + ["--set", "epochs=3000"])
      try job.waitForSteps()
      let ranks = job.ranks()
      #expect(ranks.count == 2)
      kill(try supervisor(job), SIGKILL)
      #expect(try job.wait().code != 0)
      let end = Date(timeIntervalSinceNow: 60)
      while !job.ranks().isEmpty, Date() < end { usleep(10_000) }
      #expect(job.ranks() == [:], "they train on")
    }

    /// One that lacks the program is left out at once, not after three failures.
    @Test func aHostWithoutTheProgramIsLeftOut() throws {
      guard let cluster = try VirtualCluster(hosts: 3) else { return }
      let program = try folder.writeProgram(
        "lockstep", Array(Data(contentsOf: URL(fileURLWithPath: builtProduct("lockstep")))))
      #expect(try cluster.script(["on", "node2", "mount", "--bind", "/dev/null", program]).code == 0)
      let ended = try launch(["-n", "3", "--hostfile", cluster.hostfile], on: cluster, program: program).wait()
      #expect(ended.code == 0, "\(ended.errors)")
      #expect(try lines(ended.output).last == "digest \(LongRun.expected.get())", "\(ended.errors)")
      let lack = "lacks \(program), or leave to run it"
      #expect(
        said(ended) == [
          "launch: node2 \(lack); going on without it",
          "launch: left out: node2 (\(lack))", "launch: 2 of 3 ranks",
        ], "\(ended.errors)")
    }
  }
}
