import Communication
import Configuration
import Datasets
import Diagnostics
import Layers
import Losses
import Metrics
import Reduction
import Tensors
import Testing

@testable import Training

/// What an evaluation counts, and what it makes of it.
@Suite struct MetricTests {
  /// Points of many classes: their places alone, on a line.
  private static func classes(_ count: Int) -> Dataset {
    Dataset(
      source: "line", shape: [1], features: .floats((0..<50).map { Float($0) }),
      targets: .classes((0..<50).map { Int32($0 % count) }, names: (0..<count).map(String.init)))
  }

  private static func evaluate(
    _ data: Dataset, _ metrics: [any Metric], loss: any Loss = .crossEntropy, outputs: Int, ranks: Int = 1
  ) throws -> Evaluation {
    try LocalWorld.run(ranks: ranks) { world in
      let plan = try Network(input: [1]) { Dense(units: outputs) }.plan(microBatch: 8)
      let parameters = FlatBuffer(count: plan.layout.count)
      plan.initialise(parameters.view, seed: 5)
      let team = LaneTeam(count: 2)
      defer { team.close() }
      return try Evaluator(
        plan: plan, parameters: parameters.view, loss: loss, metrics: metrics, team: team, world: world
      ).evaluate(data)
    }[0]
  }

  /// Nobody asked for K² counts: three a class are enough for accuracy, precision, recall and F₁ together.
  @Test func countsAreThoseThatAreNeeded() throws {
    let data = Self.classes(20_000)
    let usual = try EvaluationPlan([], loss: .crossEntropy, dataset: data)
    #expect(usual.metrics.count == 4 && usual.tallies.count == 1 && usual.countWidth == 60_000)
    let matrix = try EvaluationPlan([Accuracy(), Confusion()], loss: .crossEntropy, dataset: data)
    #expect(matrix.tallies.count == 2 && matrix.countWidth == 60_000 + 20_000 * 20_000)
  }

  @Test(arguments: 1...9)
  func chosenScoresAreTheUsualOnes(ranks: Int) throws {
    let data = Self.classes(3)
    let usual = try Self.evaluate(data, [], outputs: 3)
    let chosen = try Self.evaluate(data, [F1(), Accuracy(), Confusion()], outputs: 3, ranks: ranks)
    #expect(chosen.metrics.map(\.name) == ["loss", "f1", "accuracy"] && chosen.headline.name == "f1")
    for (name, value) in chosen.metrics { #expect(usual.metrics.contains { $0 == (name, value) }, "\(name)") }
    let (report, matrix) = (try #require(usual.report(digits: 4)), try #require(chosen.report(digits: 4)))
    #expect(matrix.hasPrefix(report + "\n") && matrix.contains("true \\ predicted  0"))
  }

  @Test func aMetricThatSaysNothingOfTheDataIsRefused() throws {
    for (metric, loss, name) in [
      (Perplexity(), CrossEntropyLoss(), "perplexity"), (RSquared(), CrossEntropyLoss(), "r-squared"),
      (ExactMatch(), BinaryCrossEntropyLoss(), "exact-match"),
    ] as [(any Metric, any Loss, String)] {
      let failure = #expect(throws: Failure.self) { try checkMetrics([metric], loss: loss, on: Self.classes(2)) }
      #expect(failure?.description.hasPrefix("metrics: expected scores of classes, found \(name), which") == true)
    }
  }

  @Test func oneMetricTwiceIsRefused() {
    let failure = #expect(throws: Failure.self) {
      try checkMetrics([Accuracy(), F1(), Accuracy()], loss: .crossEntropy, on: Self.classes(2))
    }
    #expect(failure?.description.contains("expected scores of distinct names, found accuracy twice") == true)
  }

  /// Two of a kind, told apart by their names, stand side by side, each with what it counts.
  @Test func onesOfAKindWithOtherSettings() throws {
    let found = try Self.evaluate(Self.classes(3), [Top(k: 1), Top(k: 2), Top(k: 3), Accuracy()], outputs: 3)
    #expect(found.metrics.map(\.name) == ["loss", "top 1", "top 2", "top 3", "accuracy"])
    let values = found.metrics.map(\.value)
    #expect(values[1] == values[4] && values[1] < values[2] && values[2] < values[3] && values[3] == 1)
    let failure = #expect(throws: Failure.self) {
      try checkMetrics([Top(k: 2), Top(k: 2)], loss: .crossEntropy, on: Self.classes(3))
    }
    #expect(failure?.description.contains("expected scores of distinct names, found top 2 twice") == true)
  }

  /// A kind of one's own, with sums and counts, is the same on any number of ranks.
  @Test(arguments: 1...9)
  func aMetricOfOnesOwn(ranks: Int) throws {
    let one = try Self.evaluate(Self.classes(2), [Margin()], outputs: 2)
    let several = try Self.evaluate(Self.classes(2), [Margin()], outputs: 2, ranks: ranks)
    #expect(one.metrics[1] == ("margin", several.metrics[1].value) && one.metrics[1].value != 0)
  }
}

/// The part of the samples whose class is among the k of the largest outputs.
private struct Top: Metric {
  static let kind = "top"
  let k: Int
  var name: String { "top \(k)" }
  init(k: Int) { self.k = k }
  init(_ settings: ConfigReader) throws { k = try settings.int("k", in: 1...) }
  func tally(of task: LearningTask) -> (any Tally)? { TopTally(k: k) }
  func score(of task: LearningTask, _ totals: Totals) -> Double? { Double(totals.counts[0]) / Double(totals.counts[1]) }
}

private struct TopTally: Tally {
  let k: Int
  var countWidth: Int { 2 }
  func add(_ batch: ScoredBatch, to cells: TallyCells) {
    guard case .classes(let classes) = batch.targets else { return }
    let width = batch.outputs.count / batch.rows
    for row in 0..<batch.valid {
      let outputs = batch.outputs[row * width..<(row + 1) * width].array
      if outputs.count(where: { $0 > outputs[Int(classes[row])] }) < k { cells.count(0) }
      cells.count(1)
    }
  }
}

/// The mean of how much the first output exceeds the second.
private struct Margin: Metric {
  static let kind = "margin"
  init() {}
  init(_ settings: ConfigReader) {}
  func tally(of task: LearningTask) -> (any Tally)? { MarginTally() }
  func score(of task: LearningTask, _ totals: Totals) -> Double? { totals.sums[0] / Double(totals.counts[0]) }
}

private struct MarginTally: Tally {
  var countWidth: Int { 1 }
  var sumWidth: Int { 1 }
  func add(_ batch: ScoredBatch, to cells: TallyCells) {
    for row in 0..<batch.valid {
      cells.count(0)
      cells.add(Double(batch.outputs[2 * row] - batch.outputs[2 * row + 1]), to: 0)
    }
  }
}
