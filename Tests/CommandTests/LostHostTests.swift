import Foundation
import TestSupport
import Testing

extension StoppedCommandTests {
  /// Training that is kept going on several hosts when some of them die or are cut off.
  @Suite(.serialized) struct LostHostTests: Launching {
    let folder: Folder

    init() throws { folder = try Folder() }

    /// A host loses its power; the run goes on with the others, and takes one in that the hostfile gets meanwhile.
    @Test func aLostHostIsLeftAndANewOneTakenIn() throws {
      guard let cluster = try VirtualCluster(hosts: 3) else { return }
      let hostfile = try folder.write("hosts", "node1 slots=1\nnode2 slots=1\n")
      let patience = ["time": "2", "intvl": "1", "probes": "2"]
      let environment = Dictionary(
        uniqueKeysWithValues: patience.map { ("OMPI_MCA_oob_tcp_keepalive_\($0)", $1) })
      let job = try launch(["-n", "2", "--hostfile", hostfile], on: cluster, environment: environment)
      try job.waitForSteps()
      try folder.write("hosts", "node1 slots=1\nnode2 slots=1\nnode3 slots=1\n")
      try cluster.script(["kill", "node1"])
      let ended = try job.wait()
      try expectDone(ended)
      #expect(
        said(ended).first?.hasPrefix("launch: node1 was lost: it no longer answers; going on from ") == true,
        "\(ended.errors)")
      #expect(said(ended).contains("launch: new in \(hostfile): node3"), "\(ended.errors)")
    }

    /// Down to one rank of three: two hosts are cut off at once, so that mpirun waits in vain for one of them to take its
    /// order to end.
    @Test func hostsThatAreCutOff() throws {
      guard let cluster = try VirtualCluster(hosts: 3) else { return }
      let patience = ["time": "2", "intvl": "1", "probes": "2"]
      let environment = Dictionary(
        uniqueKeysWithValues: patience.map { ("OMPI_MCA_oob_tcp_keepalive_\($0)", $1) })
      let job = try launch(
        ["-n", "3", "--hostfile", cluster.hostfile, "--max-restarts", "9"], on: cluster, environment: environment)
      try job.waitForSteps()
      try cluster.script(["cut", "node3"])
      try cluster.script(["cut", "node2"])
      let ended = try job.wait()
      try expectDone(ended)
      #expect(
        said(ended).contains {
          $0.hasPrefix("launch: 1 of 3 ranks; silent: node2 (virtual-cluster: node2 does not answer), node3 (")
        }, "\(ended.errors)")
    }

    /// Two hosts no longer hear each other, while both hear the head: all answer, and no start on all of them comes on.
    @Test(arguments: trials(("node1", "node2"), ("node2", "node3")))
    func hostsThatDoNotHearEachOther(one: String, other: String) throws {
      guard let cluster = try VirtualCluster(hosts: 3) else { return }
      let job = try launch(
        ["-n", "3", "--hostfile", cluster.hostfile, "--max-restarts", "9"],
        LongRun.short + ["--set", "watchdog=5"], on: cluster)
      try job.waitForSteps()
      #expect(try cluster.script(["cut", one, other]).code == 0)
      let ended = try job.wait()
      try expectDone(ended, LongRun.expectedOfShort)
      // On a machine with much else to do a restart may have come before.
      let told = said(ended).drop { $0 != "launch: \(one) and \(other) do not hear each other" }
      #expect(
        told.dropFirst().prefix(2) == ["launch: going on without \(other)", "launch: 2 of 3 ranks"], "\(ended.errors)")
    }

    /// From before the start on: the ranks say where they wait, though there is no communicator yet.
    @Test func hostsThatNeverHeardEachOther() throws {
      guard let cluster = try VirtualCluster(hosts: 3) else { return }
      #expect(try cluster.script(["cut", "node3", "node2"]).code == 0)
      let ended = try launch(
        ["-n", "3", "--hostfile", cluster.hostfile, "--max-restarts", "9"],
        LongRun.short + ["--set", "watchdog=5"], on: cluster
      ).wait()
      try expectDone(ended, LongRun.expectedOfShort)
      #expect(
        ended.errors.contains(#/rank [0-2] on node[1-3]: no progress for [0-9]+ s: [a-z ]+, in MPI_[CI]/#),
        "\(ended.errors)")
      #expect(said(ended).contains("launch: node2 and node3 do not hear each other"), "\(ended.errors)")
    }

    @Test func fewerRanksThanTheLeastAreNotStarted() throws {
      guard let cluster = try VirtualCluster(hosts: 2) else { return }
      try cluster.script(["kill", "node2"])
      let ended = try launch(
        ["-n", "2", "--min", "2", "--max-restarts", "1", "--hostfile", cluster.hostfile], on: cluster
      ).wait()
      #expect(ended.code == 69 && ended.output == "")
      #expect(
        complaints(ended).first?.hasPrefix("expected hosts for 2 ranks or more, found 1; silent: node2 (") == true,
        "\(ended.errors)")
      #expect(complaints(ended).first?.contains("gave up after 1 restart ") == true)
      #expect(!folder.exists("run"))
    }

    /// The host of rank zero is like any other.
    @Test func theFirstHostIsCutOff() throws {
      guard let cluster = try VirtualCluster(hosts: 3) else { return }
      let job = try launch(
        ["-n", "3", "--hostfile", cluster.hostfile, "--max-restarts", "9"],
        LongRun.short + ["--set", "watchdog=5"], on: cluster)
      try job.waitForSteps()
      try cluster.script(["cut", "node1"])
      let ended = try job.wait()
      try expectDone(ended, LongRun.expectedOfShort)
      #expect(said(ended).contains { $0.contains(#/^launch: (rank 0 on )?node1 /#) }, "\(ended.errors)")
      #expect(said(ended).contains { $0.hasPrefix("launch: 2 of 3 ranks; silent: node1 (") }, "\(ended.errors)")
    }
  }
}
