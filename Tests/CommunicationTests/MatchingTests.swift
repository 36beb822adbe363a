import Communication
import Diagnostics
import Testing

@Suite struct MatchingTests {
  /// What each rank threw when it ran `body` in a world that compares calls.
  private func faults(
    ranks: Int, run: @escaping @Sendable (Int) -> UInt64 = { _ in 1 },
    _ body: @escaping @Sendable (any Communicator) throws -> Void
  ) throws -> [String] {
    try LocalWorld.run(ranks: ranks) { world in
      do {
        try body(MatchingCommunicator(world, run: run(world.rank)))
        return "none"
      } catch { return "\(error)" }
    }
  }

  @Test func agreeingRanksGoThrough() throws {
    let found = try faults(ranks: 3) { world in
      try world.barrier()
      let all = try world.allGather([world.rank, 7])
      #expect(all == [[0, 7], [1, 7], [2, 7]])
      _ = try world.agree { 1 }
      #expect(try world.allGather(String(repeating: "x", count: world.rank)) == ["", "x", "xx"])
    }
    #expect(found == ["none", "none", "none"])
  }

  @Test func aSkippedCollectiveIsNamedOnAllRanks() throws {
    let found = try faults(ranks: 3) { world in
      if world.rank != 1 { try world.barrier() }
      _ = try world.allGather([1])
      try world.barrier()
    }
    #expect(Set(found).count == 1)
    #expect(
      found[0].contains("rank 1 on ") && found[0].contains("calls MPI_Allgatherv where the others call MPI_Barrier"))
  }

  @Test func otherCountsAndAnotherRunAreNamed() throws {
    let counts = try faults(ranks: 3) { world in
      var bytes = [UInt8](repeating: 0, count: world.rank == 2 ? 5 : 4)
      try bytes.withUnsafeMutableBytes { try world.broadcast($0, root: 0) }
    }
    #expect(counts.allSatisfy { $0.contains("rank 2 on ") && $0.contains("calls MPI_Bcast with other counts") })
    let runs = try faults(ranks: 3, run: { $0 == 0 ? 9 : 1 }) { try $0.barrier() }
    #expect(runs.allSatisfy { $0.contains("rank 0 on ") && $0.contains("belongs to another run") })
  }
}
