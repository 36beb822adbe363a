import Testing

@testable import Diagnostics

@Suite struct NearestTests {
  static let keys = ["optimizer", "schedule", "batch", "micro-batch", "loss", "seed", "rate", "epochs"]

  @Test(arguments: [
    ("optimiser", "optimizer"),  // a letter replaced
    ("optimzer", "optimizer"),  // a letter left out
    ("scheduule", "schedule"),  // a letter too many
    ("btach", "batch"),  // neighbours swapped
    ("sede", "seed"),  // neighbours swapped at the end: two replacements would be too many for a word of four
    ("BATCH", "batch"),  // capitals count as equal
    ("micro_batch", "micro-batch"), ("epoch", "epochs"), ("seed", "seed"),
  ])
  func findsSlipsOfThePen(word: String, expected: String) {
    #expect(nearest(to: word, among: Self.keys) == expected)
  }

  @Test func findsShorterAndLongerForms() {
    #expect(nearest(to: "conv", among: ["dense", "convolution"]) == "convolution")
    #expect(nearest(to: "batch_size", among: Self.keys) == "batch")
    #expect(nearest(to: "mean", among: ["mean-squared-error", "mean-absolute-error"]) == nil, "either may be meant")
    #expect(nearest(to: "op", among: Self.keys) == nil)
  }

  @Test(arguments: ["momentum", "x", "", "hctab", "late fees"])
  func offersNothingForOtherWords(word: String) {
    #expect(nearest(to: word, among: Self.keys) == nil)
  }

  /// Names of one letter, as columns often have, are each one letter away from all the others.
  @Test func aLetterIsNotNearToAnotherOne() {
    #expect(nearest(to: "c", among: ["a", "b"]) == nil)
    #expect(nearest(to: "c", among: ["a", "C"]) == "C")
    #expect(nearest(to: "x", among: ["a", "x1"]) == "x1")
  }

  @Test func ofEquallyNearCandidatesTheFirstInTheAlphabetIsOffered() {
    #expect(nearest(to: "bat", among: ["rat", "cat", "hat"]) == "cat")
    #expect(nearest(to: "bat", among: [String]()) == nil)
  }

  @Test(arguments: [
    ("", "", 0), ("", "abc", 3), ("abc", "abc", 0), ("abc", "acb", 1), ("ab", "ba", 1), ("kitten", "sitting", 3),
    ("abcd", "badc", 2),
    // Three in this form of the distance: what was swapped is not edited again.
    ("ca", "abc", 3),
  ])
  func distanceCountsInsertionsDeletionsReplacementsAndSwaps(a: String, b: String, expected: Int) {
    #expect(editDistance(a, b) == expected)
    #expect(editDistance(b, a) == expected)
  }
}
