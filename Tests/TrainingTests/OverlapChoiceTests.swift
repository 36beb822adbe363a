import Communication
import Testing

@testable import Training

@Suite struct OverlapChoiceTests {
  /// Steps with given seconds, apart or overlapped, a rank; returns what was chosen, and after how many steps.
  private func choose(_ wish: Overlap, apart: [Double], overlapped: [Double]) throws -> [(overlaps: Bool, steps: Int)] {
    try LocalWorld.run(ranks: apart.count) { world in
      var choice = OverlapChoice(wish, isPossible: true)
      for step in 1...40 {
        // The last batch of an epoch, which says nothing.
        #expect(try choice.note(1e9, isWhole: false, in: world) == nil)
        // The first steps are slow, and count for nothing.
        let seconds = step <= 2 ? 100 : choice.overlaps ? overlapped[world.rank] : apart[world.rank]
        guard let measured = try choice.note(seconds, isWhole: true, in: world) else { continue }
        #expect(measured.apart == apart.max() && measured.overlapped == overlapped.max())
        return (choice.overlaps, step)
      }
      return (choice.overlaps, 40)
    }
  }

  @Test func theQuickerWayOfTheSlowestRankIsKept() throws {
    for (apart, overlapped, expected) in [
      ([2.0, 2, 2], [1.0, 1, 1], true), ([1, 1], [2, 2], false), ([1, 3], [2, 2], true), ([3, 1], [1, 4], false),
      ([1], [1], false),
    ] {
      let found = try choose(.auto, apart: apart, overlapped: overlapped)
      #expect(found.allSatisfy { $0.overlaps == expected && $0.steps == 16 }, "\(found)")
    }
  }

  @Test func aWishIsNoTrial() throws {
    for (wish, expected) in [(Overlap.always, true), (.never, false)] {
      let found = try choose(wish, apart: [1, 1], overlapped: [1, 1])
      #expect(found.allSatisfy { $0.overlaps == expected && $0.steps == 40 })
    }
    #expect(OverlapChoice(.always, isPossible: false).overlaps == false)
  }
}
