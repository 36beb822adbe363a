import Foundation
import TestSupport
import Testing

@testable import Supervision

@Suite struct MPIRunTests {
  private func words(_ launcher: MPILauncher) -> String {
    var run = MPIRun(ranks: 3, hostfile: "hosts", launcher: launcher, environment: ["PATH": "/nowhere"])
    run.settings = ["oob_tcp_keepalive_time": "10"]
    run.exports = ["LOCKSTEP_PULSE": "1"]
    return run.words(["lockstep", "train"]).filter { $0 != "--allow-run-as-root" }.joined(separator: " ")
  }

  @Test func eachLauncherIsToldInItsOwnWords() {
    #expect(
      words(.openMPI)
        == "mpirun -np 3 --oversubscribe --hostfile hosts --mca oob_tcp_keepalive_time 10 -x LOCKSTEP_PULSE=1 "
        + "lockstep train")
    #expect(words(.hydra) == "mpiexec.hydra -n 3 -f hosts -genv LOCKSTEP_PULSE 1 lockstep train")
  }

  @Test func eachReadsHostsInItsOwnForm() {
    let hosts = Hostfile([.init("node1", slots: 2), .init("node2", slots: 1)])
    #expect(MPILauncher.openMPI.hostfile(hosts) == "node1 slots=2\nnode2 slots=1\n")
    #expect(MPILauncher.hydra.hostfile(hosts) == "node1:2\nnode2:1\n")
  }

  @Test func anEndIsTold() {
    #expect(MPILauncher.hydra.end(9) == "a rank was ended by signal 9 (Killed)")
    #expect(MPILauncher.openMPI.end(9) == "mpirun ended with code 9")
    #expect(MPILauncher.hydra.end(76) == "mpirun ended with code 76")
    for launcher in MPILauncher.allCases {
      #expect(launcher.end(0) == "mpirun ended with code 0, but the training is not done")
    }
  }

  /// The surest name wins, wherever in PATH it is; of one name, the first folder.
  @Test func theLauncherIsLookedUp() throws {
    let folder = try Folder()
    for path in ["a/mpiexec", "b/mpiexec.hydra", "c/mpiexec.hydra", "c/mpirun"] {
      try FileManager.default.createDirectory(
        atPath: folder[String(path.prefix(1))], withIntermediateDirectories: true)
      try folder.write(path, "#!/bin/sh\n")
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder[path])
    }
    try folder.write("a/mpirun", "not a program")
    let environment = ["PATH": ["a", "b", "c"].map { folder[$0] }.joined(separator: ":")]
    #expect(MPILauncher.hydra.find(in: environment) == folder["b/mpiexec.hydra"])
    #expect(MPILauncher.openMPI.find(in: environment) == folder["c/mpirun"])
    #expect(MPILauncher.openMPI.find(in: [:]) == nil)
  }
}
