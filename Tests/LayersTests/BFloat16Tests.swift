import Kernels
@testable import Layers
import Losses
import Tensors
import Testing

/// Networks that compute in bfloat16: near those that compute in floats, in less memory, with the same bits everywhere.
@Suite struct BFloat16Tests {
  static let transformer = Network(input: [12]) {
    Embedding(vocabulary: 7, width: 24, initialiser: .normal(mean: 0, deviation: 1))
    Residual {
      LayerNorm()
      MultiHeadAttention(heads: 3, causal: true)
    }
    Residual {
      LayerNorm()
      Dense(units: 96)
      GELU(approximation: .tanh)
      Dense(units: 24)
    }
    Dense(units: 7)
  }
  static let perceptron = Network(input: [5, 7]) {
    Flatten()
    Dense(units: 33)
    ReLU()
    Dense(units: 18, bias: false)
    LeakyReLU(slope: 0.1)
    Dense(units: 17)
    Sigmoid()
    Dense(units: 16)
    SiLU()
    LayerNorm()
    Dense(units: 3)
  }

  /// Smooth ones between convolutions: a rectifier that rounding takes to its other side changes a gradient by a whole term.
  static let pictures = Network(input: [9, 9, 3]) {
    Convolution(channels: 16, kernel: 3, padding: 1)
    Tanh()
    Convolution(channels: 33, kernel: 3, stride: 2)
    Tanh()
    Convolution(channels: 8, kernel: 1)
    Flatten()
    Dense(units: 3)
  }

  /// All that passes numbers on or adds two of them up, at odd extents; nothing that is not smooth.
  static let residual = Network(input: [9, 7, 3]) {
    Convolution(channels: 17, kernel: 3, padding: 1, bias: false)
    BatchNorm()
    Tanh()
    AveragePool(size: 3, stride: 2, padding: 1)
    Residual {
      Convolution(channels: 17, kernel: 3, padding: 1, bias: false)
      BatchNorm()
      SiLU()
      Dropout(rate: 0.2)
      Convolution(channels: 17, kernel: 3, padding: 1, groups: 17)
    }
    Parallel(branches: [[Convolution(channels: 9, kernel: 1), Tanh()], [Select(2..<15)]])
    Parallel(
      join: .multiply,
      branches: [[Convolution(channels: 11, kernel: 1), Sigmoid()], [Convolution(channels: 11, kernel: 1)]])
    Reshape([4, 5, 11])
    GlobalAveragePool()
    Dense(units: 3)
  }

  /// A block of a small network for pictures, with what else works on them; smooth but for one gate.
  static let excited = Network(input: [9, 7, 3]) {
    Convolution(channels: 16, kernel: 3, stride: 2, padding: 1, bias: false)
    GroupNorm(groups: 4)
    Mish()
    Residual {
      Convolution(channels: 32, kernel: 1)
      ELU()
      Convolution(channels: 32, kernel: 3, padding: 1, groups: 32)
      Softplus()
      Parallel(
        join: .multiply, branches: [[], [GlobalAveragePool(), Dense(units: 8), Tanh(), Dense(units: 32), Sigmoid()]])
      Convolution(channels: 16, kernel: 1)
    }
    PReLU(slope: 0.9, perChannel: true)
    TransposedConvolution(channels: 17, kernel: 3, stride: 2, padding: 1, outputPadding: 1, bias: false)
    AdaptiveAveragePool(size: 3)
    Reshape([9, 17])
    Convolution1D(channels: 18, kernel: 3, padding: .causal)
    AveragePool1D(size: 2)
    Flatten()
    SwiGLU(units: 12)
    Dense(units: 3)
  }

  /// The convolutional network of the benchmarks, in small: the second of its convolutions is Winograd's.
  static let rectified = Network(input: [17, 17, 1]) {
    Convolution(channels: 32, kernel: 3)
    ReLU()
    Convolution(channels: 32, kernel: 3)
    ReLU()
    MaxPool(size: 2)
    Dropout(rate: 0.25)
    Flatten()
    Dense(units: 19)
    ReLU()
    Dense(units: 3)
  }

  /// Outputs and leaf of one pass.
  private func pass(_ network: Network, _ precision: NumberFormat, sharingMemory: Bool = true) throws -> [[Float]] {
    let B = 4
    let plan = try Plan(network, microBatch: B, precision: precision, sharingMemory: sharingMemory)
    let parameters = FlatBuffer(count: plan.layout.count)
    plan.initialise(parameters.view, seed: 3)
    var lane = plan.makeLane(parameters: parameters.view, seed: 1)
    let count = B * network.input.count
    let readsTokens = network.layers[0] is Embedding
    let input = buffer(readsTokens ? (0..<count).map { Float($0 * 5 % 7) } : uniform(count, 1, stream: 1))
    let leaf = FlatBuffer(count: plan.layout.count)
    lane.setInput(input.view)
    lane.setLeaf(leaf.view)
    lane.setMode(GradientCheck.training)
    plan.forward(lane)
    let outputs = lane.output.array
    let classes = plan.outputShape.extents.last!
    let targets = (0..<outputs.count / classes).map { Int32($0 % classes) }
    _ = targets.withUnsafeBufferPointer {
      CrossEntropyLoss().sum(lane.output, .classes($0), rows: B, valid: B, gradient: lane.outputGradient)
    }
    plan.backward(lane)
    return [outputs] + plan.layout.slots.map { leaf.view[$0.range].array }
  }

  /// Each factor of a product is off by 2⁻⁹ of itself at most, and what is kept once more: over the four or five products of
  /// these networks that comes to some 2⁻⁶ of the largest number of a slot. In the residual one twice as many tensors are kept, and batch
  /// norms take the mean of a gradient away, which leaves its roundings: some 2⁻⁵.
  @Test(
    arguments: [(transformer, 0x1p-5), (perceptron, 0x1p-5), (pictures, 0x1p-5), (residual, 0x1p-4), (excited, 0x1p-4)]
      as [(Network, Float)])
  func outputsAndGradientsAreNearThoseOfFloats(network: Network, bound: Float) throws {
    let (floats, halves) = (try pass(network, .float32), try pass(network, .bfloat16))
    for (place, (expected, found)) in zip(floats, halves).enumerated() {
      let largest = expected.map { abs($0) }.max()!
      let error = zip(expected, found).map { abs($0 - $1) }.max()!
      #expect(error > 0, "\(place)")
      #expect(error < largest * bound, "\(place): \(error) of \(largest)")
    }
  }

  /// Where tensors lie, and what they share memory with, changes no bit.
  @Test(arguments: [transformer, perceptron, pictures, residual, excited, rectified])
  func memoryIsHalvedAndChangesNoBit(network: Network) throws {
    #expect(try pass(network, .bfloat16) == pass(network, .bfloat16, sharingMemory: false))
    func floats(_ precision: NumberFormat, shares: Bool) throws -> Int {
      try Plan(network, microBatch: 64, precision: precision, sharingMemory: shares).arenaCount
    }
    #expect(try Double(floats(.bfloat16, shares: true)) < 0.9 * Double(floats(.float32, shares: true)))
  }

  /// What lies between two layers that take bfloat16 is kept so, and nothing else.
  @Test func tensorsAreKeptAsWriterAndReaderTakeThem() throws {
    func formats(_ network: Network) throws -> [NumberFormat] {
      try Graph(network, precision: .bfloat16).operations.map { $0.outputs[0] }.map { place in
        try Graph(network, precision: .bfloat16).tensors[place].precision
      }
    }
    let (full, half) = (NumberFormat.float32, NumberFormat.bfloat16)
    #expect(
      try formats(Self.perceptron) == [full, half, half, half, half, half, half, half, full, half, full])
    #expect(
      try formats(Self.transformer)
        == [full, full, half, full, full, full, half, half, half, full, full, full])
    #expect(try Graph(Self.transformer).tensors.allSatisfy { $0.precision == .float32 })
    // All but the network's output.
    for network in [Self.pictures, Self.residual, Self.excited, Self.rectified] {
      let found = try formats(network)
      #expect(found.dropLast().allSatisfy { $0 == half } && found.last == full, "\(found)")
    }
  }

  /// Tensors that an operation has alike are floats all together where one of them has to be.
  @Test func tensorsThatAreAlikeAreKeptAlike() throws {
    func formats(@LayerBuilder _ layers: () -> [any Layer]) throws -> [NumberFormat] {
      let graph = try Graph(Network(input: [4, 6], layers: layers()), precision: .bfloat16)
      return graph.tensors.map(\.precision)
    }
    let (full, half) = (NumberFormat.float32, NumberFormat.bfloat16)
    // Norms read floats, so that a stream that they read from is of floats.
    let stream = try formats {
      Dense(units: 6)
      Residual {
        LayerNorm()
        Dense(units: 6)
      }
      Dense(units: 6)
    }
    #expect(stream == [full, full, full, full, half, full, full, full])
    // A sum of three goes on in floats.
    let sum = try formats {
      Dense(units: 6)
      Parallel(join: .add, branches: [[Tanh()], [Dense(units: 6), Tanh()], [Dense(units: 6)]])
      Tanh()
      Dense(units: 6)
    }
    #expect(sum.count(where: { $0 == half }) == 2)
    // What comes out of a network is of floats, through whatever passes it on; so is what goes in.
    let end = try formats {
      Dense(units: 6)
      Dropout(rate: 0.5)
      Flatten()
    }
    #expect(end == [full, half, full, full])
    let begin = try formats {
      Flatten()
      Select(3..<9)
      Dense(units: 6)
    }
    #expect(begin == [full, full, full, full])
  }

  /// One instruction set after the other, for the whole process: others' bits do not depend on it.
  @Test(arguments: [transformer, perceptron, pictures, residual, excited, rectified])
  func everyInstructionSetHasTheSameBits(network: Network) throws {
    let expected = try pass(network, .bfloat16)
    for set in InstructionSet.allCases where set.isHere {
      set.use()
      defer { InstructionSet.ofThisProcessor.use() }
      #expect(try pass(network, .bfloat16) == expected, "\(set)")
    }
  }
}
