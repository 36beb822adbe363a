import Judging
import Testing

/// What comes of thresholds is told of all rows, whatever a curve leaves out.
@Suite struct ThresholdCountsTests {
  /// Scores 0/1024, 1/1024 … again and again; every so many rows one has the class. What comes of a threshold can be counted.
  private static func rows(_ count: Int, each: Int, threshold: Double? = nil) throws -> JudgedRows {
    var (p, t) = ([Float](), [Int32]())
    for row in 0..<count {
      let score = Float(row % 1024) / 1024
      p += [1 - score, score]
      t.append(row % each == 0 ? 1 : 0)
    }
    var classes = JudgedClasses(names: ["no", "yes"], probabilities: RowNumbers(p), targets: RowNumbers(t))
    if let threshold { classes.threshold = (1, threshold) }
    return try JudgedRows(classes)
  }

  @Test func countsAreExact() throws {
    let (count, each) = (30_000, 7)
    for threshold in [nil, 0.35, 0.5, 0, -7, 1, 7] {
      let curves = try #require(ThresholdCurves(Self.rows(count, each: each, threshold: threshold), points: 10))
      #expect(curves.roc.count <= 10)
      var expected = ThresholdCurves.usualThresholds
      if let threshold, threshold != 0.5 { expected = (expected + [threshold]).sorted() }
      #expect(curves.counts.map(\.threshold) == expected)
      for one in curves.counts {
        var counts = [Double](repeating: 0, count: 4)
        for row in 0..<count {
          switch (row % each == 0, Double(row % 1024) / 1024 >= one.threshold) {
          case (true, true): counts[0] += 1
          case (false, true): counts[1] += 1
          case (true, false): counts[2] += 1
          case (false, false): counts[3] += 1
          }
        }
        #expect([one.truePositive, one.falsePositive, one.falseNegative, one.trueNegative] == counts, "\(one)")
      }
    }
  }

  @Test func sharesOfNothingAreNone() {
    let none = ThresholdCounts(threshold: 2, truePositive: 0, falsePositive: 0, falseNegative: 3, trueNegative: 0)
    #expect(none.recall == 0 && none.precision == nil && none.falsePositiveRate == nil && none.flagged == 0)
    let some = ThresholdCounts(threshold: 0.5, truePositive: 3, falsePositive: 1, falseNegative: 1, trueNegative: 3)
    #expect(some.recall == 0.75 && some.precision == 0.75 && some.falsePositiveRate == 0.25 && some.flagged == 0.5)
  }
}
