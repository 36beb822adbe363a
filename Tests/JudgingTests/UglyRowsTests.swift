import Diagnostics
import Judging
import Metrics
import Testing

/// Rows that figures cannot be made of: said, with the reason, and never a number that only looks like one.
@Suite struct UglyRowsTests {
  private static func classes(_ p: [Float], _ t: [Int32]) throws -> JudgedRows {
    try JudgedRows(JudgedClasses(names: ["no", "yes"], probabilities: RowNumbers(p), targets: RowNumbers(t)))
  }

  private static func failure(_ body: () throws -> Void) -> String? {
    do { try body() } catch { return "\(error)" }
    return nil
  }

  @Test func whatIsNoNumberIsRefusedWithItsRow() {
    let cure = "; look for weights that are not finite, or for features that are far from those of training"
    let one: [Double] = [1, 2]
    let cases: [(expected: String, () throws -> Void)] = [
      ("row 2: expected a probability, found nan\(cure)", { _ = try Self.classes([1, 0, .nan, 0], [0, 1]) }),
      ("row 1: expected a probability, found inf\(cure)", { _ = try Self.classes([1, .infinity, 1, 0], [0, 1]) }),
      ("row 2: expected a class in 0..<2, found 2\(cure)", { _ = try Self.classes([1, 0, 1, 0], [0, 2]) }),
      ("row 1: expected a class in 0..<2, found -1\(cure)", { _ = try Self.classes([1, 0, 1, 0], [-1, 0]) }),
      (
        "row 2, y: expected a number, found nan predicted\(cure)",
        {
          let numbers = JudgedNumbers(name: "y", predictions: RowNumbers([1, .nan]), targets: RowNumbers(one))
          _ = try JudgedRows(numbers)
        }
      ),
      (
        "row 1, y: expected a number, found inf as the target\(cure)",
        {
          let numbers = JudgedNumbers(name: "y", predictions: RowNumbers(one), targets: RowNumbers([.infinity, 1]))
          _ = try JudgedRows(numbers)
        }
      ),
      (
        "row 2: expected a weight of at least 0, found -1.0",
        {
          let numbers = JudgedNumbers(name: "y", predictions: RowNumbers(one), targets: RowNumbers(one))
          _ = try JudgedRows(numbers, weights: RowNumbers([1, -1]))
        }
      ),
      (
        "expected rows to judge a model by, found none; give it some with targets",
        { _ = try Self.classes([], []) }
      ),
    ]
    for (expected, body) in cases { #expect(Self.failure(body) == expected) }
  }

  @Test func oneClassAloneHasNoRanking() throws {
    let p: [Float] = (0..<40).flatMap { [1 - Float($0) / 40, Float($0) / 40] }
    let rows = try Self.classes(p, [Int32](repeating: 0, count: 40))
    let found = Judge(ClassCase.metrics, resamples: Resamples(count: 20)).judge(rows).figures
    #expect(found["roc-auc"]?.value == .undefined("no row has the class yes") && found["roc-auc"]?.interval == nil)
    #expect(found["average-precision"]?.value == .undefined("no row has the class yes"))
    #expect(found["matthews-correlation"]?.value == .undefined(MatthewsCorrelation.undefinedWhen))
    #expect(found["accuracy"]?.value == .value(0.525))
    let all = try Self.classes(p, [Int32](repeating: 1, count: 40))
    #expect(Judge([ROCAUC()]).judge(all).figures["roc-auc"]?.value == .undefined("all rows have the class yes"))
    #expect(throws: Failure.self) { try FittedThreshold(.f1, on: rows) }
    let curves = try #require(ThresholdCurves(rows))
    #expect(curves.roc.isEmpty && curves.precisionRecall.isEmpty && curves.gain.isEmpty)
  }

  @Test func fewRowsHaveNoInterval() throws {
    let found = Judge([Accuracy(), ROCAUC()]).judge(try twoClasses(3))
    #expect(found.resamples == 0 && found.figures["accuracy"]?.interval == .refused("3 rows are too few"))
    // One positive row of twelve is in about two thirds of all resamples.
    let p = (0..<12).flatMap { [1 - Float($0) / 12, Float($0) / 12] }
    let rare = try Self.classes(p, [Int32](repeating: 0, count: 11) + [1])
    let interval = Judge([ROCAUC()]).judge(rare).figures["roc-auc"]?.interval
    guard case .refused(let reason) = interval else {
      Issue.record("\(interval as Any)")
      return
    }
    #expect(reason.hasPrefix("not defined in 3") && reason.hasSuffix(" of 1000 resamples"), "\(reason)")
  }

  @Test func numbersThatSayNothingAreSaid() throws {
    func figures(_ p: [Double], _ t: [Double]) throws -> [String: JudgedFigure] {
      let numbers = JudgedNumbers(name: "y", predictions: RowNumbers(p), targets: RowNumbers(t))
      return Judge(NumberCase.metrics, resamples: Resamples(count: 0)).judge(try JudgedRows(numbers)).figures
    }
    let constant = try figures([1, 2, 3], [0.1, 0.1, 0.1])
    #expect(constant["r-squared"]?.value == .undefined("the target is constant"))
    let zero = try figures([1, -2, 3], [1, 1, 0])
    #expect(zero["mean-absolute-percentage-error"]?.value == .undefined("the target is 0 in row 3"))
    #expect(zero["poisson-deviance"]?.value == .undefined("the prediction is not above 0 in row 2"))
    let huge = try figures([1e300, -1e300], [-1e300, 1e300])
    #expect(huge["mean-absolute-error"]?.value == .value(2e300))
    #expect(huge["mean-squared-error"]?.value == .undefined("it is too large for a number"))
  }

  /// Metrics of numbers say nothing of classes, and are left out.
  @Test func whatDoesNotFitIsLeftOut() throws {
    let found = Judge([MeanSquaredError(), Accuracy()], resamples: Resamples(count: 0)).judge(try twoClasses(20))
    #expect(found.order == ["accuracy"])
  }

  @Test func judgementsHaveOneText() throws {
    let judgement = Judge([Accuracy(), ROCAUC()], resamples: Resamples(count: 20)).judge(
      try Self.classes((0..<20).flatMap { _ in [Float(0.5), 0.5] }, [Int32](repeating: 0, count: 20)))
    let text = try sortedJSON(judgement)
    #expect(text.contains("\"undefined\" : \"no row has the class yes\""))
    #expect(text.contains("\"roc-auc\" : {") && text.contains("\"rows\" : 20"))
  }
}
