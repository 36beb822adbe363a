import Diagnostics
import Testing

@testable import Lockstep

@Suite struct BlameTests {
  private typealias Position = RankProgress.Position
  private let hosts = ["a", "a", "b", "b"]

  private func waiting(_ sequence: Int, _ collective: RankProgress.Collective = .allGather) -> Position {
    Position(step: 12, phase: .exchanging, part: -1, collective: collective, sequence: sequence, isInside: true)
  }

  @Test func whoDoesNotAnswerIsNamed() {
    let text = Blame.text([0: waiting(117), 1: waiting(117), 3: waiting(117)], hosts: hosts)
    #expect(
      text == "rank 2 on b does not answer: stopped, or the host or its network is gone; "
        + "the others wait at step 13, exchanging, in MPI_Allgatherv (collective 117)")
    #expect(
      Blame.text([0: waiting(117), 1: waiting(117)], hosts: hosts).hasPrefix("rank 2 on b, rank 3 on b do not answer")
    )
  }

  @Test func whoComputesStillIsNamed() {
    let late = Position(step: 12, phase: .computing, part: 3, collective: .barrier, sequence: 116, isInside: false)
    #expect(
      Blame.text([0: waiting(117), 1: late, 2: waiting(117), 3: waiting(117)], hosts: hosts)
        == "rank 1 on a is late, at step 13, computing layer 3, after MPI_Barrier (collective 116); "
        + "the others wait at step 13, exchanging, in MPI_Allgatherv (collective 117)")
  }

  @Test func whoIsACollectiveBehindIsNamed() {
    #expect(
      Blame.text([0: waiting(117), 1: waiting(117), 2: waiting(117), 3: waiting(116)], hosts: hosts)
        .hasPrefix("rank 3 on b is late, at step 13"))
  }

  @Test func whoCallsAnotherCollectiveIsNamed() {
    let text = Blame.text(
      [0: waiting(117), 1: waiting(117), 2: waiting(117, .barrier), 3: waiting(117)], hosts: hosts)
    #expect(text.hasPrefix("rank 2 on b called MPI_Barrier where the others called MPI_Allgatherv (collective 117)"))
  }

  @Test func nobodyToBlameIsTheNetwork() {
    let text = Blame.text([0: waiting(5), 1: waiting(5), 2: waiting(5), 3: waiting(5)], hosts: hosts)
    #expect(text.hasSuffix("and nothing gets through: check the network between the hosts"))
    let alone = Position(step: 0, phase: .computing, part: 1, collective: nil, sequence: 0, isInside: false)
    #expect(
      Blame.text([0: alone], hosts: ["a"])
        == "no rank waits for another: rank 0 at step 1, computing layer 1, before the first collective")
  }
}
