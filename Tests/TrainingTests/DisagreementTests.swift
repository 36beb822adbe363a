import Testing

@testable import Training

@Suite struct DisagreementTests {
  @Test func theOddOnesOutAreNamed() throws {
    #expect(Disagreement([[1, 2], [1, 2], [1, 2]]) == nil)
    #expect(Disagreement([[7]]) == nil)
    let one = try #require(Disagreement([[1, 2, 3], [1, 9, 3], [1, 2, 3]]))
    #expect(one.ranks == [1] && one.place == 1 && one.isMajority)
    #expect(one.names(["a", "b", "c"]) == "rank 1 on b")
    let zero = try #require(Disagreement([[5, 5], [1, 2], [1, 2], [1, 4], [1, 2]]))
    #expect(zero.ranks == [0, 3] && zero.place == 0 && zero.isMajority)
  }

  @Test func ofTwoNobodyIsRight() throws {
    let two = try #require(Disagreement([[1, 2], [1, 3]]))
    #expect(two.ranks == [1] && two.place == 1 && !two.isMajority)
    let four = try #require(Disagreement([[1], [2], [2], [1]]))
    #expect(four.ranks == [1, 2] && !four.isMajority)
  }
}
