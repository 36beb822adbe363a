import Communication
import CommunicationChecks
import Diagnostics
import Testing

@Suite struct LocalWorldTests {
  @Test(arguments: 1...9)
  func everyCollectiveIsExact(ranks: Int) throws {
    let counts = try LocalWorld.run(ranks: ranks) { try checkCollectives(of: $0, rounds: 20, seed: 1) }
    #expect(counts == Array(repeating: collectiveChecks.count * 20, count: ranks))
  }

  @Test func singleNeedsNoThread() throws {
    #expect(try checkCollectives(of: LocalWorld.single(), rounds: 20, seed: 2) > 0)
  }

  /// The others wait in a collective that the failed rank never reaches; `run` returns all the same.
  @Test(arguments: 1...9)
  func aFailureReleasesTheOthers(ranks: Int) {
    for failing in 0..<ranks {
      let failure = Failure(.badData, "rank \(failing) of \(ranks)")
      #expect(throws: failure) {
        try LocalWorld.run(ranks: ranks) { world in
          try world.barrier()
          if world.rank == failing { throw failure }
          for _ in 0..<3 { _ = try world.allGather([world.rank]) }
        }
      }
    }
  }
}
