import Diagnostics
import Layers
import Losses
import Tensors
import Testing

/// Learned rows in the place of features that are places of words.
@Suite struct ColumnEmbeddingsTests {
  /// The second and the last of five features, with a name that no path could be made of.
  static let columns = [
    EmbeddedColumn(name: "job", feature: 1, rows: 4, dimensions: 3),
    EmbeddedColumn(name: "a.b \"c\"", feature: 4, rows: 3, dimensions: 1),
  ]

  /// Five samples of five features; a word stands several times, one never.
  static let samples: [Float] = [
    0.5, 2, -1, 0.25, 1, -0.5, 0, 1, 0.75, 2, 0.1, 2, 0.2, 0.3, 1, 1, 3, -0.25, 0, 1, 0, 2, 0.5, -1, 2,
  ]

  @Test func numbersStayAndRowsComeInTheirPlace() throws {
    let plan = try Network(input: [5], layers: [ColumnEmbeddings(Self.columns), Dense(units: 2)]).plan(microBatch: 2)
    #expect(
      plan.layout.slots.map { "\($0.name) \($0.shape)" } == [
        "embeddings.job.weight 4×3", "embeddings.a.b \"c\".weight 3×1", "0.weight 2×7", "0.bias 2",
      ])
    let alone = try Network(input: [5], layers: [ColumnEmbeddings(Self.columns)]).plan(microBatch: 2)
    let parameters = FlatBuffer(count: alone.layout.count)
    for (number, slot) in alone.layout.slots.enumerated() {
      let values = (0..<slot.range.count).map { Float(100 * (number + 1) + $0) }
      parameters.view[slot.range].assign(values)
    }
    var lane = alone.makeLane(parameters: parameters.view, seed: 1)
    let input = buffer(Array(Self.samples[..<10]))
    lane.setInput(input.view)
    alone.forward(lane)
    let expected: [Float] = [0.5, 106, 107, 108, -1, 0.25, 201, -0.5, 100, 101, 102, 1, 0.75, 202]
    #expect(lane.output.array == expected)
  }

  @Test(arguments: [5, 2])
  func backwardIsTheDerivativeOfTheLoss(valid: Int) throws {
    let network = Network(
      input: [5], layers: [ColumnEmbeddings(Self.columns), Dense(units: 4), Tanh(), Dense(units: 3)])
    for loss in GradientTests.smoothLosses {
      let check = try GradientCheck(network, loss: loss, valid: valid, input: Self.samples)
      #expect(check.mistakes() == [], "\(loss.kind)")
      // A word that no sample has does not learn.
      let (leaf, rows) = (check.pass().leaf.view, check.plan.layout.slots[0].range)
      #expect(leaf[rows.lowerBound + 3..<rows.lowerBound + 6].array == [0, 0, 0])
    }
  }

  /// Behind a layer that learns, features that stay hand their gradients on. The place is 2.5, whatever the step.
  @Test func featuresThatStayHaveGradients() throws {
    let column = EmbeddedColumn(name: "job", feature: 1, rows: 4, dimensions: 2)
    let network = Network(
      input: [3], layers: [Dense(units: 3), ColumnEmbeddings([column]), Tanh(), Dense(units: 3)])
    let check = try GradientCheck(network, loss: .crossEntropy)
    let slots = check.plan.layout.slots
    for place in 3..<6 { check.parameters.view[slots[0].range.lowerBound + place] = 0 }
    check.parameters.view[slots[1].range.lowerBound + 1] = 2.5
    #expect(slots.map(\.name).prefix(3) == ["0.weight", "0.bias", "embeddings.job.weight"])
    #expect(check.mistakes() == [])
  }

  @Test func theUnknownWordStartsAtZero() throws {
    let column = EmbeddedColumn(name: "job", feature: 0, rows: 5001, dimensions: 10)
    let plan = try Network(input: [1], layers: [ColumnEmbeddings([column])]).plan(microBatch: 1)
    let parameters = FlatBuffer(count: plan.layout.count)
    plan.initialise(parameters.view, seed: 3)
    #expect(parameters.view[0..<10].array == [Float](repeating: 0, count: 10))
    let others = parameters.view[10..<50_010].array.map(Double.init)
    let square = others.reduce(0) { $0 + $1 * $1 } / 50_000
    // Four standard errors of mean and variance of 50,000 normal numbers.
    #expect(abs(others.reduce(0, +) / 50_000) < 0.018 && abs(square - 1) < 0.026)
  }

  @Test func anInputThatDoesNotFit() {
    for input in [Shape([4]), [5, 2]] {
      #expect(throws: Failure.self) {
        try Network(input: input, layers: [ColumnEmbeddings(Self.columns)]).plan(microBatch: 1)
      }
    }
  }
}
