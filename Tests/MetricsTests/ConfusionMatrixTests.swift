import Metrics
import Testing

@Suite struct ConfusionMatrixTests {
  /// The example of scikit-learn's documentation of `classification_report`.
  private static func example() -> ConfusionMatrix {
    var matrix = ConfusionMatrix(classes: 3)
    for (truth, prediction) in zip([0, 1, 2, 2, 2], [0, 0, 2, 2, 1]) {
      matrix.add(truth: truth, prediction: prediction)
    }
    return matrix
  }

  @Test func reportIsThatOfTheDocumentation() {
    #expect(
      Self.example().perClass.report(names: ["class 0", "class 1", "class 2"]) == """
                      precision    recall  f1-score   support

             class 0       0.50      1.00      0.67         1
             class 1       0.00      0.00      0.00         1
             class 2       1.00      0.67      0.80         3

            accuracy                           0.60         5
           macro avg       0.50      0.56      0.49         5
        weighted avg       0.70      0.60      0.61         5

        """)
  }

  @Test func countsLieTruthByPrediction() {
    #expect(Self.example().counts == [1, 0, 0, 1, 0, 0, 0, 1, 2])
    #expect(Self.example()[2, 1] == 1)
    #expect((Self.example().perClass.total, Self.example().perClass.correct) == (5, 3))
  }

  @Test func averagesAreThoseOfTheDefinitions() {
    let matrix = Self.example().perClass
    // 1e-15: a few roundings of numbers below one.
    #expect(abs(matrix.macroAverage.f1 - (2.0 / 3 + 0 + 0.8) / 3) < 1e-15)
    #expect(abs(matrix.weightedAverage.precision - (0.5 + 0 + 3) / 5) < 1e-15)
    #expect(abs(matrix.weightedAverage.recall - matrix.accuracy) < 1e-15)
    #expect(matrix.accuracy == 0.6)
  }

  @Test func nothingCountedScoresZero() {
    let empty = ConfusionMatrix(classes: 2).perClass
    #expect(empty.accuracy == 0)
    #expect(empty.scores(of: 1) == empty.scores(of: 0))
    #expect((empty.macroAverage.f1, empty.weightedAverage.f1) == (0, 0))
  }

  @Test func sumsAreExactBeyondTheDoublesIntegers() {
    let large = ConfusionMatrix(counts: [1 << 60, 0, 0, 1], classes: 2)
    var sum = large + Self.two()
    sum += large
    #expect(sum.counts == [1 << 61, 1, 0, 3])
  }

  private static func two() -> ConfusionMatrix { ConfusionMatrix(counts: [0, 1, 0, 1], classes: 2) }

  @Test func longNamesWidenTheTable() {
    let lines = Self.two().perClass.report(names: ["a", "a name of twenty-two l"], digits: 4).split(separator: "\n")
    #expect(lines[2] == "a name of twenty-two l     0.5000    1.0000    0.6667         1")
    #expect(Set(lines.map(\.count)) == [63])
  }

  @Test func theTableHasARowATrueClass() {
    #expect(
      Self.example().table(names: ["a", "bb", "a name"]) == """
        true \\ predicted  a  bb  a name

                       a  1   0       0
                      bb  1   0       0
                  a name  0   1       2

        """)
  }
}
