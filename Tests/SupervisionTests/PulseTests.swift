import Diagnostics
import Foundation
import Testing

@testable import Supervision

@Suite struct PulseTests {
  @Test func tellsWhereRanksAre() {
    var pulses = Pulses()
    /// Whether all lines were pulses.
    func take(_ lines: String...) -> Bool {
      for line in lines where !pulses.take(line) { return false }
      return true
    }
    #expect(pulses.text(of: 2) == "mpirun has started no rank" && pulses.patience == nil)
    let first = "lockstep-pulse 0 node1 4 120 starting MPI, in MPI_Init_thread"
    let areTaken = take(first, first)
    let isNoteTaken = take("note: no pulse")
    #expect(areTaken && !isNoteTaken)
    #expect(pulses.changes == 1 && pulses.silent(among: 2) == [1] && pulses.patience == 120)
    #expect(
      pulses.text(of: 2) == "rank 0 on node1 starting MPI, in MPI_Init_thread; rank 1 has said nothing")
    let others = take(
      "lockstep-pulse 0 node1 5 1200 step 1, starting, before the first collective",
      "lockstep-pulse 1 node2 5 300 making the communicator, in MPI_Comm_split_type")
    #expect(others && pulses.changes == 3 && pulses.silent(among: 2) == [] && pulses.patience == 1200)
    let patient = take("lockstep-pulse 1 node2 6 0 step 1, computing")
    #expect(patient && pulses.patience == 0, "one may stand still for ever")
  }

  /// What a rank writes is what launch reads.
  @Test func aPulseIsALine() {
    let pulse = Pulse(rank: 3, host: "node2", count: 1170, patience: 300, place: "step 13, reducing bucket 2")
    #expect(pulse.line == "lockstep-pulse 3 node2 1170 300 step 13, reducing bucket 2")
    #expect(Pulse(line: pulse.line) == pulse)
  }

  /// What is no pulse after all is shown to nobody either, and changes nothing.
  @Test(arguments: ["lockstep-pulse ", "lockstep-pulse x node1 4 120 here", "lockstep-pulse 0 node1 4"])
  func aDamagedOne(line: String) {
    var pulses = Pulses()
    let isTaken = pulses.take(line)
    #expect(isTaken && pulses.last.isEmpty)
  }

  /// Answers of a standstill at some seconds, with a number that changes or not.
  private func answers(
    start: Double?, patience: Double?, _ looks: [(second: Double, changes: Int)]
  ) -> [Bool] {
    var standstill = Standstill(start: start)
    return looks.map { standstill.seconds([$0.changes], patience: patience, at: .seconds($0.second)) != nil }
  }

  @Test func aStandstillIsTimedFromTheLastChange() {
    let margin = Standstill.margin
    #expect(
      answers(start: 10, patience: nil, [(0, 0), (9 + margin, 0), (10 + margin, 0)]) == [false, false, true])
    #expect(
      answers(start: 10, patience: 100, [(0, 0), (10 + margin, 0), (99 + margin, 1), (198 + margin, 1)])
        == [false, false, false, false])
    #expect(answers(start: 10, patience: 100, [(0, 0), (50, 1), (150 + margin, 1)]) == [false, false, true])
    #expect(answers(start: nil, patience: nil, [(0, 0), (1e6, 0)]) == [false, false])
    #expect(answers(start: 10, patience: 0, [(0, 0), (1e6, 0)]) == [false, false])
  }

  /// Among ranks that speak, the host of the one that never did is at fault; where none does, nobody is.
  @Test func whoIsBlamedForAStandstill() {
    var stream = ErrorStream(hosts: ["node1", "node2"])
    let shown = stream.take("lockstep-pulse 0 node1 4 120 starting MPI, in MPI_Init_thread")
    #expect(shown == nil)
    stream.stall(seconds: 140, ranks: 2)
    #expect(stream.cause?.host == "node2" && stream.sawStandstill)
    #expect(
      stream.cause?.description
        == "nothing has moved for 140 s: rank 0 on node1 starting MPI, in MPI_Init_thread; rank 1 has said nothing")
    var frozen = Pulses()
    let now = SuspendingClock.now
    for second in [0.0, 5, 10, 15, 20, 25] {
      _ = frozen.take("lockstep-pulse 0 node1 4 120 starting MPI, in MPI_Init_thread", at: now + .seconds(second))
      guard second < 10 else { continue }
      _ = frozen.take("lockstep-pulse 1 node2 4 120 starting MPI, in MPI_Init_thread", at: now + .seconds(second))
    }
    #expect(frozen.silent(among: 2) == [1])
    func text(at second: Double) -> String { frozen.text(of: 2, at: now + .seconds(second)) }
    let place = "starting MPI, in MPI_Init_thread"
    #expect(text(at: 25) == "rank 0 on node1 \(place); rank 1 on node2, last heard 20 s ago: \(place)")
    #expect(
      text(at: 36) == "rank 0 on node1, last heard 11 s ago: \(place); rank 1 on node2, last heard 31 s ago: \(place)")
    var mute = ErrorStream(hosts: ["node1", "node2"])
    mute.stall(seconds: 140, ranks: 2)
    #expect(mute.cause == .init(description: "nothing has moved for 140 s: mpirun has started no rank"))
  }

  /// Only what hosts that are deaf to each other may cause makes launch ask them.
  @Test(arguments: [
    ("rank 0 on node1: no progress for 8 s: step 3, exchanging", true),
    ("rank 0 on node1: runs/a: write: No space left on device", false),
    ("rank 0 on node1: MPI_Waitall, rank 1: MPI_ERR_OTHER: known error not in list (MPI code 16)", true),
    ("note: nothing", true),
  ])
  func whenHostsAreAsked(line: String, mayBe: Bool) {
    var stream = ErrorStream()
    _ = stream.take(line)
    #expect(stream.mayBeDeafness == mayBe)
  }
}
