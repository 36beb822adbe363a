import Diagnostics
import Foundation
import Judging
import Metrics
import Testing

/// Thresholds and calibrations, which are chosen on rows and kept.
@Suite struct DecisionTests {
  /// Scores 0.9 … 0.1, of which the rows at 0.9, 0.8, 0.5 and 0.2 have the class.
  private static func rows() throws -> JudgedRows {
    let scores: [Float] = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1]
    let targets: [Int32] = [1, 1, 0, 0, 1, 0, 0, 1, 0]
    return try JudgedRows(
      JudgedClasses(
        names: ["no", "yes"], probabilities: RowNumbers(scores.flatMap { [1 - $0, $0] }), targets: RowNumbers(targets)))
  }

  @Test func thresholdsAreTheBestOfAll() throws {
    let cases: [(rule: ThresholdRule, above: Float, below: Float, recall: Double, f1: Double)] = [
      // F₁ is 4/6 with two found of two, 6/9 with three of five: the higher threshold of the two.
      (.f1, 0.8, 0.7, 0.5, 4.0 / 6),
      (.recall(0.75), 0.5, 0.4, 0.75, 6.0 / 9), (.recall(1), 0.2, 0.1, 1, 8.0 / 12),
      (.recall(0.1), 0.9, 0.8, 0.25, 2.0 / 5),
      (.cost(DecisionCost(falsePositive: 1, falseNegative: 1)), 0.8, 0.7, 0.5, 4.0 / 6),
      (.cost(DecisionCost(falsePositive: 1, falseNegative: 5)), 0.2, 0.1, 1, 8.0 / 12),
      // All of them: between the lowest score and 0.
      (.cost(DecisionCost(falsePositive: 1, falseNegative: 50, trueNegative: 2)), 0.1, 0, 1, 8.0 / 13),
    ]
    for (rule, above, below, recall, f1) in cases {
      let found = try FittedThreshold(rule, on: try Self.rows())
      let middle = (Double(above) + Double(below)) / 2
      #expect(found.threshold == middle && found.recall == recall, "\(rule): \(found)")
      #expect(abs(found.f1 - f1) < 1e-15 && found.name == "yes" && found.rows == 9)
      #expect(try JSONDecoder().decode(FittedThreshold.self, from: JSONEncoder().encode(found)) == found)
    }
    let fifty = try FittedThreshold(.cost(DecisionCost(falsePositive: 50, falseNegative: 1)), on: try twoClasses(100))
    #expect(fifty.cost.map { $0 <= 0.3 } == true)
  }

  /// Between two floats that follow each other is a double: neither is the threshold, and the lower one is below it. Nor is a
  /// threshold set between rows that it could not tell apart.
  @Test func scoresThatFollowEachOther() throws {
    let (high, low) = (Float(0.4).nextUp, Float(0.4))
    let near = try JudgedRows(
      JudgedClasses(
        names: ["no", "yes"], probabilities: RowNumbers([1 - high, high, 1 - low, low]), targets: RowNumbers([1, 0])))
    let found = try FittedThreshold(.f1, on: near)
    #expect(found.threshold > Double(low) && found.threshold < Double(high) && found.f1 == 1)
    // 1 - 1e-30 is 1, as 1 - 2e-30 is.
    var classes = JudgedClasses(yes: RowNumbers([1e-30, 2e-30, 0.5]), targets: RowNumbers([0, 1, 1]))
    classes.positive = 0
    let rests = try FittedThreshold(.f1, on: try JudgedRows(classes))
    #expect(rests.threshold == 0.75 && rests.recall == 1 && rests.precision == .value(0.5))
  }

  /// Where each alarm costs more than it saves, the class is never predicted.
  @Test func aThresholdThatNobodyReaches() throws {
    let rows = try Self.rows()
    let cost = DecisionCost(truePositive: 9, falsePositive: 9, falseNegative: 1)
    let found = try FittedThreshold(.cost(cost), on: rows)
    #expect(found.threshold > 1 && found.recall == 0 && found.f1 == 0 && found.cost == 4.0 / 9)
    #expect(found.precision == .undefined("no row reaches the threshold"))
    guard case .classes(var classes) = rows.content else { return }
    classes.threshold = (1, found.threshold)
    let judged = Judge([Accuracy()], resamples: Resamples(count: 0)).judge(try JudgedRows(classes))
    #expect(judged.figures["accuracy"]?.value == .value(5.0 / 9))
  }

  @Test func aThresholdChangesWhatIsPredicted() throws {
    guard case .classes(var classes) = try Self.rows().content else { return }
    classes.threshold = (1, Double(Float(0.2)))
    let table = try #require(ClassTable(try JudgedRows(classes)))
    #expect(table.confusion == [[1, 4], [0, 4]])
    #expect(table.classes[1].recall == .value(1) && table.classes[1].precision == .value(0.5))
    // Of the other class, whose probability is the rest.
    classes.threshold = (0, 0.75)
    #expect(try #require(ClassTable(try JudgedRows(classes))).confusion == [[1, 4], [1, 3]])
  }

  /// Rows that are given logits z with the truth drawn as often as softmax(z / 2) says: the temperature is 2.
  @Test func temperatureIsFound() throws {
    var (p, t, w) = ([Float](), [Int32](), [Double]())
    for step in 1...40 {
      let logit = Double(step - 20) / 5
      let yes = 1 / (1 + exp(-logit))
      for (target, share) in [(Int32(1), 1 / (1 + exp(-logit / 2))), (0, 1 - 1 / (1 + exp(-logit / 2)))] {
        p += [Float(1 - yes), Float(yes)]
        t.append(target)
        w.append(share)
      }
    }
    let rows = try JudgedRows(
      JudgedClasses(names: ["no", "yes"], probabilities: RowNumbers(p), targets: RowNumbers(t)), weights: RowNumbers(w))
    let scaling = TemperatureScaling(fittedOn: rows)
    // Probabilities are floats.
    #expect(abs(scaling.temperature - 2) < 1e-5, "\(scaling.temperature)")
    let judge = Judge([LogLoss(), ROCAUC(), CalibrationError()], resamples: Resamples(count: 0))
    let calibrated = try #require(Calibration.temperature(scaling).applied(to: rows))
    let (before, after) = (judge.judge(rows), judge.judge(calibrated))
    func value(_ judgement: Judgement, _ key: String) -> Double { judgement.figures[key]?.value.value ?? .nan }
    #expect(value(after, "log-loss") < value(before, "log-loss"))
    #expect(value(after, "calibration-error") < value(before, "calibration-error") / 10)
    #expect(value(after, "roc-auc") == value(before, "roc-auc"))
    #expect(abs(TemperatureScaling(temperature: 1).apply(to: [0.25, 0.75])[1] - 0.75) < 1e-15)
  }

  /// Where all is right, no temperature is the best one: it ends at a bound. Zero probabilities stay.
  @Test func temperaturesOfPerfectRowsEnd() throws {
    let rows = try JudgedRows(
      JudgedClasses(
        names: ["a", "b", "c"], probabilities: RowNumbers([0.6, 0.3, 0.1, 0, 1, 0]), targets: RowNumbers([0, 1])))
    let scaling = TemperatureScaling(fittedOn: rows)
    #expect(scaling.temperature >= 0x1p-10 && scaling.temperature < 0.1, "\(scaling.temperature)")
    #expect(scaling.apply(to: [0, 1, 0]) == [0, 1, 0])
    let calibration = Calibration.isotonic(IsotonicCalibration(fittedOn: rows))
    #expect(try JSONDecoder().decode(Calibration.self, from: JSONEncoder().encode(calibration)) == calibration)
    #expect(calibration.apply(to: [0.6, 0.3, 0.1]) == [1, 0, 0])
  }
}
