import Diagnostics
import Kernels
import Layers
import Losses
import Tensors
import Testing

/// A dense layer that has the table of an embedding for its weights.
@Suite struct TiedTests {
  private static func network(_ last: Dense) -> Network {
    Network(input: [3], layers: [Embedding(vocabulary: 7, width: 4), Dense(units: 4), Tanh(), last])
  }

  @Test func theTableIsOneSlot() throws {
    let plan = try Self.network(Dense(units: 7, tied: "0")).plan(microBatch: 2)
    #expect(plan.layout.slots.map(\.name) == ["0.weight", "1.weight", "1.bias", "3.bias"])
    #expect(plan.layout.parameterCount == 28 + 16 + 4 + 7)
    // From the last operation on: the table is complete when the embedding has added to it.
    #expect(plan.backwardSlots == [[3], [], [1, 2], [0]])
    #expect(plan.makeTouchedRows().allSatisfy { $0 == nil })
    // While the layers between go backward, the table's part keeps its place.
    #expect(plan.stagingCount == 32 + 16 + 16)
    let parameters = FlatBuffer(count: plan.layout.count)
    plan.initialise(parameters.view, seed: 1)
    let alone = try Network(input: [3], layers: [Embedding(vocabulary: 7, width: 4)]).plan(microBatch: 2)
    let table = FlatBuffer(count: alone.layout.count)
    alone.initialise(table.view, seed: 1)
    #expect(parameters.view[0..<28].array == table.view[0..<28].array, "it starts as the embedding says")
  }

  @Test(arguments: [true, false]) func gradientsAreDerivatives(bias: Bool) throws {
    let check = try GradientCheck(
      Self.network(Dense(units: 7, bias: bias, tied: "0")), loss: .crossEntropy, microBatch: 2,
      input: [3, 0, 3, 6, 1, 0])
    #expect(check.mistakes() == [])
  }

  /// The gradient is that of the dense layer, to which the rows of the tokens are added in their order.
  @Test func theOrderOfAdditionsIsTheDefined() throws {
    let tokens: [Float] = [3, 0, 3, 6, 3, 0]
    let tied = try GradientCheck(
      Network(input: [3], layers: [Embedding(vocabulary: 7, width: 4), Dense(units: 7, bias: false, tied: "0")]),
      loss: .crossEntropy, microBatch: 2, input: tokens)
    let found = tied.pass().leaf.view[0..<28].array
    // The same by hand: x are rows of the table, and dy·W is what comes back to them.
    let table = tied.parameters.view[0..<28]
    let (x, y, dx, sum) = (
      FlatBuffer(count: 24), FlatBuffer(count: 42), FlatBuffer(count: 24), FlatBuffer(count: 28)
    )
    let input = buffer(tokens)
    Kernels.embed(input.view, table: table, width: 4, into: x.view)
    let (X, W) = (Matrix(x.view, rows: 6, columns: 4), Matrix(table, rows: 7, columns: 4))
    Kernels.multiply(X, W.transposed, into: Matrix(y.view, rows: 6, columns: 7))
    let classes = (0..<6).map { Int32($0 * 3 % 7) }
    _ = classes.withUnsafeBufferPointer {
      CrossEntropyLoss().sum(y.view, .classes($0), rows: 2, valid: 2, gradient: y.view)
    }
    let dy = Matrix(y.view, rows: 6, columns: 7)
    Kernels.multiply(dy.transposed, X, into: Matrix(sum.view, rows: 7, columns: 4))
    Kernels.multiply(dy, W, into: Matrix(dx.view, rows: 6, columns: 4))
    for (row, token) in tokens.enumerated() {
      for column in 0..<4 { sum.view[Int(token) * 4 + column] += dx.view[row * 4 + column] }
    }
    #expect(found == sum.view.array)
  }

  @Test func whatDoesNotFitIsTold() throws {
    func fault(_ layers: [any Layer]) throws -> String {
      let failure = try #require(throws: Failure.self) { try Network(input: [3], layers: layers).plan(microBatch: 1) }
      #expect(failure.code == .badConfiguration)
      return failure.description
    }
    let embedding = Embedding(vocabulary: 7, width: 4)
    let unknown = try fault([embedding, Dense(units: 7, tied: "1")])
    #expect(unknown.contains("model.1 (dense): expected tied to name an embedding before it (0), found '1'"))
    #expect(unknown.contains("write tied: 0"))
    let other = try fault([embedding, Dense(units: 6, tied: "0")])
    #expect(other.contains("model.1 (dense): expected weights of 7×4, as the embedding at 0 has, found 6×4"))
    #expect(try fault([Dense(units: 7), Dense(units: 7, tied: "0")]).contains("(there is none), found '0'"))
    let inside: [any Layer] = [Sequential { embedding }, Dense(units: 7, tied: "0.0")]
    #expect(
      try Network(input: [3], layers: inside).plan(microBatch: 1).layout.slots.map(\.name) == ["0.0.weight", "1.bias"])
  }
}
