import Datasets
import Layers
import Tensors
import Testing
import Training

@testable import Lockstep

/// What a model writes: the same with what it keeps of earlier positions as without, within the window and beyond.
@Suite struct TextGeneratorTests {
  static let T = 12
  static let vocabulary = Vocabulary(unit: .characters, names: "abcdefghij".map(String.init))

  static func network(_ more: [any Layer] = []) -> Network {
    let wide = Initialiser.normal(mean: 0, deviation: 0.7)
    var layers: [any Layer] = [
      Embedding(vocabulary: 10, width: 8, initialiser: wide), Positions(initialiser: wide),
    ]
    for _ in 0..<2 {
      layers.append(Residual(body: [LayerNorm(), MultiHeadAttention(heads: 2, causal: true, initialiser: wide)]))
      layers.append(Residual(body: [LayerNorm(), Dense(units: 16), GELU(), Dense(units: 8)]))
    }
    return Network(input: [T], layers: layers + more + [Dense(units: 10)])
  }

  static func parameters(_ network: Network) throws -> FlatBuffer {
    let plan = try network.plan(microBatch: 1)
    let parameters = FlatBuffer(count: plan.layout.count)
    plan.initialise(parameters.view, seed: 4)
    return parameters
  }

  static func tokens(
    _ network: Network, keepingRows: Bool = true, from prompt: String = "abc", count: Int = 100,
    _ settings: TextGenerator.Settings = .init(temperature: 1, seed: 6)
  ) throws -> [Int32] {
    let parameters = try parameters(network)
    let generator = try TextGenerator(
      network, parameters: parameters.view, vocabulary: vocabulary, keepingRows: keepingRows)
    var tokens: [Int32] = []
    try generator.write(from: prompt, count: count, settings) { tokens.append($0) }
    return tokens
  }

  /// Eight windows of text. Roundings differ by a few 1e-6, and no draw of this seed comes so near to a border.
  @Test func keepingRowsChangesNothing() throws {
    let found = try Self.tokens(Self.network())
    #expect(found == (try Self.tokens(Self.network(), keepingRows: false)))
    #expect(Set(found).count > 4)
  }

  /// The likeliest token behind each window, from a pass over the whole of it: up to T tokens, and when they are full the
  /// oldest quarter goes.
  @Test(arguments: ["abc", "abcdefghijab", "jihgfedcbajihgfedcbajihgfedcba"])
  func theWindowMovesByAQuarter(prompt: String) throws {
    let network = Self.network()
    let (plan, parameters) = (try network.plan(microBatch: 1), try Self.parameters(network))
    var lane = plan.makeLane(parameters: parameters.view, seed: 0)
    let input = FlatBuffer(count: Self.T)
    var window = Array(try Self.vocabulary.tokens(of: prompt).suffix(Self.T))
    var expected: [Int32] = []
    for _ in 0..<60 {
      if window.count > Self.T { window.removeFirst(Self.T / 4) }
      input.view.clear()
      for (place, token) in window.enumerated() { input.view[place] = Float(token) }
      lane.setInput(input.view)
      plan.forward(lane)
      let token = Int32(largest(lane.output[(window.count - 1) * 10..<window.count * 10]))
      expected.append(token)
      window.append(token)
    }
    let found = try Self.tokens(network, from: prompt, count: 60, .init(temperature: 0))
    #expect(found == expected)
    #expect(Set(found).count > 2, "\(found)")
  }

  /// A layer that cannot go position by position: the whole is computed for each token, to the same rule.
  @Test func layersThatCannotAreComputedWhole() throws {
    // There and back changes nothing.
    let network = Self.network([Reshape([Self.T, 2, 4]), Reshape([Self.T, 8])])
    #expect(!(try network.plan(microBatch: 1, keepingRows: true).isRowwise))
    let expected = try Self.tokens(Self.network(), count: 40)
    #expect(try Self.tokens(network, count: 40) == expected)
  }

  /// A reader gets each token when it is drawn, and ends the writing by what it throws.
  @Test func tokensComeOneByOne() throws {
    struct Enough: Error {}
    let network = Self.network()
    let (parameters, expected) = (try Self.parameters(network), try Self.tokens(network))
    let generator = try TextGenerator(network, parameters: parameters.view, vocabulary: Self.vocabulary)
    var found: [Int32] = []
    #expect(throws: Enough.self) {
      try generator.write(from: "abc", count: 1_000_000_000, .init(temperature: 1, seed: 6)) { token in
        found.append(token)
        if found.count == 5 { throw Enough() }
      }
    }
    #expect(found == Array(expected.prefix(5)))
  }
}
