import Testing

@testable import Lockstep

@Suite struct TestimonyTests {
  @Test func tellersAreOnDifferentHostsWhereTheyCanBe() {
    #expect(RollCall.tellers(["a"]) == [0])
    #expect(RollCall.tellers(["a", "a", "a"]) == [0, 1, 2])
    #expect(RollCall.tellers(["a", "a", "b", "b"]) == [0, 2, 1, 3])
    #expect(RollCall.tellers(["a", "a", "b", "c", "c", "d", "e"]) == [0, 2, 3, 5])
  }

  private func round(_ order: Int, hears count: Int, of size: Int, before: Bool) -> Int? {
    (0..<Testimony.rounds).first {
      Testimony.isDue(order: order, round: $0, hears: count, of: size, before: before)
    }
  }

  /// Each at its time; a second apart, and all before those end that have nothing to say.
  @Test func oneSpeaksForAll() throws {
    let times = (0..<4).map { round($0, hears: 9, of: 9, before: false) }
    #expect(times == [8, 12, 16, 20])
    let silent = try #require(round(1, hears: 9, of: 9, before: true))
    #expect(silent > 20)
    #expect((0..<4).allSatisfy { round($0, hears: 1, of: 9, before: true) != nil })
  }

  /// Rank zero and one more of five that still hear each other, and three others that do as well.
  @Test func theLargerPartSpeaksFirst() throws {
    let zero = try #require(round(0, hears: 2, of: 5, before: false))
    let one = try #require(round(1, hears: 3, of: 5, before: false))
    #expect(one < zero)
    // Of two halves, and of two ranks, the one of rank zero.
    #expect(try #require(round(0, hears: 1, of: 2, before: false)) < #require(round(1, hears: 1, of: 2, before: false)))
  }
}
