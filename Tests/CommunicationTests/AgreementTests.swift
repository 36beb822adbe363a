import Communication
import Diagnostics
import Testing

@Suite struct AgreementTests {
  @Test(arguments: 1...9)
  func successReturnsEachRanksOwnValue(ranks: Int) throws {
    #expect(try LocalWorld.run(ranks: ranks) { world in try world.agree { world.rank } } == Array(0..<ranks))
  }

  /// Every rank throws the failure of the lowest rank that failed, and goes on to meet the others afterwards.
  @Test(arguments: 1...9)
  func failureIsTheSameEverywhere(ranks: Int) throws {
    for lowest in 0..<ranks {
      let caught = try LocalWorld.run(ranks: ranks) { world -> CollectiveFailure? in
        var caught: CollectiveFailure?
        do {
          try world.agree {
            if world.rank == lowest || world.rank > lowest + 1 {
              throw Failure(.missingInput, at: "part-\(world.rank)", "no such file", cure: "copy it")
            }
          }
        } catch let failure as CollectiveFailure {
          caught = failure
        }
        try world.barrier()
        return caught
      }
      for failure in caught {
        #expect(failure?.rank == lowest)
        #expect(failure?.failure == Failure(.missingInput, at: "part-\(lowest)", "no such file", cure: "copy it"))
        #expect(failure?.host == LocalWorld.single().host)
      }
    }
  }

  @Test func anyOtherErrorIsAnInternalFault() throws {
    struct Fault: Error {}
    let failure = #expect(throws: CollectiveFailure.self) {
      try LocalWorld.run(ranks: 3) { world in try world.agree { if world.rank == 1 { throw Fault() } } }
    }
    #expect(failure?.failure == Failure(.internal, "Fault()"))
    #expect(failure?.description == "rank 1 on \(LocalWorld.single().host): Fault()")
  }

  @Test func anAgreementInsideOfAnotherPasses() throws {
    let failure = #expect(throws: CollectiveFailure.self) {
      try LocalWorld.run(ranks: 4) { world in
        try world.agree { try world.agree { if world.rank == 2 { throw Failure(.badData, "inner") } } }
      }
    }
    #expect(failure?.rank == 2)
    #expect(failure?.failure == Failure(.badData, "inner"))
  }

  @Test func aBrokenTransportIsNotAgreedOn() {
    struct Broken: TransportError {}
    #expect(throws: Broken.self) {
      try LocalWorld.run(ranks: 3) { world in try world.agree { if world.rank == 1 { throw Broken() } } }
    }
    #expect(Failure(reporting: Broken()).code == .unavailable)
  }
}
