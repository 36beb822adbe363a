import Diagnostics
import Synchronization
import Testing

@testable import Host

@Suite struct CoreTeamTests {
  struct Fault: Error, Equatable { let piece: Int }

  /// Each piece once, in whoever's hands, and the results in their order.
  @Test(arguments: [1, 2, 5]) func pieces(_ cores: Int) throws {
    let team = CoreTeam(cores: [Int](repeating: 0, count: cores))
    #expect(team.count == cores)
    for pieces in [0, 1, 2, 7, 100, 1, 300] {
      let calls = Mutex([Int](repeating: 0, count: pieces))
      let results = try team.map(pieces) { piece in
        calls.withLock { $0[piece] += 1 }
        return piece * piece
      }
      #expect(results == (0..<pieces).map { $0 * $0 })
      #expect(calls.withLock { $0.allSatisfy { $0 == 1 } })
    }
  }

  /// The first of those that fail, whoever is faster; the team works on.
  @Test(arguments: [1, 3]) func failures(_ cores: Int) throws {
    let team = CoreTeam(cores: [Int](repeating: 0, count: cores))
    for _ in 0..<50 {
      #expect(throws: Fault(piece: 13)) {
        try team.map(40) { piece in if piece % 7 == 6, piece > 10 { throw Fault(piece: piece) } }
      }
      #expect(try team.map(3) { $0 } == [0, 1, 2])
    }
  }

  @Test func noCores() throws { #expect(try CoreTeam(cores: []).map(2) { $0 } == [0, 1]) }
}
