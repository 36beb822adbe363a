import Diagnostics
import Testing

@testable import Supervision

/// What a user gets to see of an attempt that failed; the texts are Open MPI 4.1.4's.
@Suite struct ErrorStreamTests {
  private let box = String(repeating: "-", count: 74)

  private func read(_ text: String, hosts: [String] = []) -> (shown: [String], stream: ErrorStream) {
    var stream = ErrorStream(hosts: hosts)
    let shown = text.replacing("BOX", with: box).split(separator: "\n").compactMap { stream.take(String($0)) }
    return (shown, stream)
  }

  @Test func aKilledRank() {
    let (shown, stream) = read(
      """
      note: 6 lanes in all
      rank 0 on node1: MPI_Waitall, rank 1: MPI_ERR_OTHER: known error not in list (MPI code 16)
      [node1][[65000,1],0][btl_tcp_frag.c:241:mca_btl_tcp_frag_recv] peer: node2 failed: Connection reset by peer (104)
      BOX
      Primary job  terminated normally, but 1 process returned
      a non-zero exit code. Per user-direction, the job has been aborted.
      BOX
      BOX
      mpirun noticed that process rank 1 with PID 0 on node node2 exited on signal 9 (Killed).
      BOX
      """)
    #expect(shown == ["note: 6 lanes in all"])
    #expect(
      stream.cause == .init(description: "rank 1 on node2 was ended by signal 9 (Killed)", host: "node2"))
    #expect(stream.held.count == 9)
  }

  /// The rank's own line is shown as it comes, and mpirun's words about it are not.
  @Test func aRankThatSaysWhy() {
    let (shown, stream) = read(
      """
      rank 1 on node2: runs/a: write: No space left on device; make room on the disk
      BOX
      MPI_ABORT was invoked on rank 1 in communicator MPI_COMM_WORLD
      with errorcode 74.
      BOX
      rank 0 on node1: something else
      """)
    #expect(shown.count == 2 && shown[0].hasPrefix("rank 1 on node2: runs/a: write: "))
    #expect(stream.cause == .init(description: "rank 1 on node2 failed", host: "node2", isShown: true))
  }

  @Test func aLostHost() {
    let (shown, stream) = read(
      """
      BOX
      ORTE has lost communication with a remote daemon.

        HNP daemon   : [[33322,0],0] on node head
        Remote daemon: [[33322,0],2] on node node2

      BOX
      """)
    #expect(shown == [])
    #expect(stream.cause == .init(description: "node2 was lost: it no longer answers", host: "node2"))
  }

  /// The same box comes where the file is there and may not be run.
  @Test func aHostWithoutTheProgram() {
    let (shown, stream) = read(
      """
      BOX
      mpirun was unable to launch the specified application as it could not access
      or execute an executable:

      Executable: /opt/lockstep
      Node: node2

      while attempting to start process rank 1.
      BOX
      """)
    #expect(shown == [])
    let lack = "/opt/lockstep, or leave to run it"
    #expect(stream.cause == .init(description: "node2 lacks \(lack)", host: "node2", lack: lack))
    #expect(!stream.mayBeDeafness)
  }

  @Test func aHostWithoutALibrary() {
    let text = """
      /opt/lockstep: error while loading shared libraries: libmpi.so.40: cannot open shared object file
      BOX
      mpirun detected that one or more processes exited with non-zero status, thus causing
      the job to be terminated. The first process to do so was:

        Process name: [[52562,1],1]
        Exit code:    127
      BOX
      """
    let (shown, stream) = read(text, hosts: ["node1", "node2"])
    #expect(shown.count == 1, "the loader's line is shown as it comes")
    let lack = "a library (libmpi.so.40: cannot open shared object file)"
    #expect(stream.cause == .init(description: "node2 lacks \(lack)", host: "node2", lack: lack))
    #expect(read(text).stream.cause == nil, "on this host alone it is no other's fault")
    #expect(read(text.replacing("127", with: "70"), hosts: ["node1", "node2"]).stream.cause == nil)
  }

  @Test func theTrainingIsDone() {
    let (shown, stream) = read("lockstep-done 42000\nnote: 6 lanes in all")
    #expect(shown == ["note: 6 lanes in all"] && stream.completion == Completion(step: 42000))
    for tag in ["[1,0]<stderr>:", "[1,0]<stderr> :", "Sat Nov 28 08:00:00 2026[1,0]<stderr>:", "[0] "] {
      let (shown, stream) = read("\(tag)lockstep-done 42000\n\(tag)note: 6 lanes in all")
      #expect(shown == ["note: 6 lanes in all"] && stream.completion == Completion(step: 42000), "\(tag)")
    }
    for line in ["lockstep-done", "lockstep-done 4x", "lockstep-done 4 5", " lockstep-done 4"] {
      #expect(read(line).stream.completion == nil && read(line).shown == [line])
    }
  }

  /// With nothing better, the error of the traffic is the reason.
  @Test func aBrokenTransport() {
    let line = "rank 2 on node3: MPI_Bcast: MPI_ERR_OTHER: known error not in list (MPI code 16)"
    let (shown, stream) = read(line)
    #expect(shown == [])
    #expect(stream.cause == .init(description: line, host: "node3"))
  }

  /// Whoever waits is not to blame for the waiting: rank zero names who is, unless it is the one that was stopped.
  @Test(arguments: [
    (
      "rank 2 on node3 does not answer: stopped, or the host or its network is gone; the others wait at step 13",
      "rank 2 on node3 does not answer", "node3"
    ),
    (
      "rank 2 on node3, rank 3 on node4 do not answer; rank 0 at step 13, computing layer 1",
      "rank 2 on node3, rank 3 on node4 do not answer", "node3"
    ),
    ("rank 1 on node2 is late, at step 13, computing layer 3; the others wait", "rank 1 on node2 is late", "node2"),
    (
      "rank 1 on node2, rank 2 on node3 are late, at step 13; the others wait",
      "rank 1 on node2, rank 2 on node3 are late", "node2"
    ),
    (
      "rank 2 on node3 called MPI_Barrier where the others called MPI_Allgatherv (collective 117): they do not agree",
      "rank 2 on node3 called MPI_Barrier", "node3"
    ),
    ("all ranks are at step 6, exchanging, and nothing gets through: check the network", "no progress for 300 s", nil),
    ("no rank waits for another: rank 0 at step 1; rank 1 at step 2", "no progress for 300 s", nil),
    (nil, "no progress for 300 s", nil),
  ])
  func aHang(named: String?, description: String, host: String?) {
    let text = """
      rank 1 on node2: no progress for 300 s: step 13, exchanging, in MPI_Allgatherv (collective 117)
      rank 0 on node1: no progress for 301 s: step 13, exchanging, in MPI_Allgatherv (collective 117)
      \(named.map { "lockstep: \($0); go on with --resume when that is mended" } ?? "note: nothing")
      """
    let (shown, stream) = read(text + "\nrank 3 on node4: MPI_Waitall, rank 1: MPI_ERR_OTHER: known error not in list")
    #expect(shown.joined(separator: "\n") == text)
    #expect(stream.cause == .init(description: description, host: host, isShown: true))
  }

  @Test func parametersThatDiffer() {
    let odd = "rank 2 on node3: step 100: the parameters of rank 2 on node3 are not those of the other ranks"
    #expect(read(odd).stream.cause == .init(description: "rank 2 on node3 failed", host: "node3", isShown: true))
    // Of two, nobody can tell whose are right, and rank zero only says so.
    let two = "rank 0 on node1: step 100: the ranks have different parameters, first in 0.bias: rank 1 on node2 are not"
    #expect(read(two).shown == [two])
    #expect(
      read(two).stream.cause
        == .init(description: "step 100: the ranks have different parameters", host: nil, isShown: true))
  }

  @Test func whatIsNotMpirunsIsShown() {
    let text = "Fatal error: index out of range\nssh: connect to host node9 port 22: No route to host"
    let (shown, stream) = read(text)
    #expect(shown.joined(separator: "\n") == text)
    #expect(stream.cause == nil && stream.held == [])
  }
}
