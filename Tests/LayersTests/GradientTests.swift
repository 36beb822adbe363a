import Kernels
import Layers
import Losses
import Tensors
import Testing

/// Every layer and stacks of them under every loss, against central differences.
///
/// A layer without parameters is checked through a dense layer before it: its input's gradient is what that one gets.
/// ReLU's kinks do no harm: the fixed inputs put no unit within a step of zero; if one came to lie there the test would
/// fail, not pass.
@Suite struct GradientTests {
  static let networks: [(name: String, network: Network)] = [
    ("dense", Network(input: [4]) { Dense(units: 3) }),
    ("dense without bias", Network(input: [4]) { Dense(units: 3, bias: false) }),
    (
      "dense on dense",
      Network(input: [3]) {
        Dense(units: 5)
        Dense(units: 4, bias: false)
        Dense(units: 3)
      }
    ),
    ("relu", stack(ReLU())),
    ("sigmoid", stack(Sigmoid())),
    ("tanh", stack(Tanh())),
    ("gelu", stack(GELU())),
    ("gelu by tanh", stack(GELU(approximation: .tanh))),
    ("silu", stack(SiLU())),
    ("leaky relu", stack(LeakyReLU(slope: 0.2))),
    ("softmax", stack(Softmax())),
    ("tanh, gelu, gelu", stack(Tanh(), GELU(), GELU())),
    ("layer norm", stack(LayerNorm(epsilon: 0.1))),
    ("layer norm at the start", Network(input: [4], layers: [LayerNorm(), Dense(units: 3)])),
    ("layer norm of rows", rows(LayerNorm(epsilon: 0.1))),
    ("dense of rows", rows(Dense(units: 4), Tanh())),
    ("positions", rows(Positions())),
    ("positions at the start", Network(input: [3, 2], layers: [Positions(), Flatten(), Dense(units: 3)])),
    ("reshape, softmax", stack(Reshape([3, 2]), Softmax(), Flatten())),
    ("attention", rows(MultiHeadAttention(heads: 2, causal: false))),
    ("causal attention", rows(MultiHeadAttention(heads: 2, causal: true))),
    ("attention of one head without bias", rows(MultiHeadAttention(heads: 1, causal: true, bias: false))),
    ("attention of grouped heads", rows(MultiHeadAttention(heads: 4, causal: false, keyHeads: 2))),
    ("rotary attention", rows(MultiHeadAttention(heads: 2, causal: true, keyHeads: 1, positions: .rotary(base: 50)))),
    ("attention with slopes", rows(MultiHeadAttention(heads: 2, causal: false, positions: .alibi))),
    ("attention in a window", rows(MultiHeadAttention(heads: 2, causal: true, positions: .alibi, window: 2))),
    ("attention with dropout", rows(MultiHeadAttention(heads: 2, causal: true, dropout: 0.4))),
    ("sinusoidal positions", rows(SinusoidalPositions(), Tanh())),
    ("lstm", rows(LSTM(units: 4))),
    ("gru", rows(GRU(units: 4))),
    ("lstm there and back", rows(LSTM(units: 2, bidirectional: true, bias: false))),
    ("gru there and back, dropped between layers", rows(GRU(units: 3, layers: 2, bidirectional: true, dropout: 0.4))),
    (
      "recurrent at the start",
      Network(input: [3, 2], layers: [LSTM(units: 3, layers: 2, dropout: 0.3, returning: .last), Dense(units: 3)])
    ),
    (
      "a unit of each",
      Network(
        input: [3, 1],
        layers: [GRU(units: 1), LSTM(units: 1, bidirectional: true, returning: .last), Dense(units: 3)])
    ),
    (
      "memory",
      rows(
        EncoderDecoder(
          encoder: [Dense(units: 5)], decoder: [CrossAttention(heads: 2, dropout: 0.3)]))
    ),
    (
      "memory of several readers",
      rows(
        EncoderDecoder(
          encoder: [Dense(units: 5), Tanh()],
          decoder: [
            Residual(body: [CrossAttention(heads: 2, keyHeads: 1)]), CrossAttention(heads: 4, bias: false),
            EncoderDecoder(
              encoder: [CrossAttention(heads: 1)],
              decoder: [Dense(units: 6), CrossAttention(heads: 3), Dense(units: 4)]),
          ]))
    ),
    (
      "memory of what learns nothing",
      Network(
        input: [3, 4],
        layers: [
          EncoderDecoder(encoder: [Tanh()], decoder: [CrossAttention(heads: 2)]), Flatten(), Dense(units: 3),
        ])
    ),
    (
      "attention at the start",
      Network(input: [3, 4], layers: [MultiHeadAttention(heads: 2, causal: true), Flatten(), Dense(units: 3)])
    ),
    ("block", rows(Residual(body: [LayerNorm(), MultiHeadAttention(heads: 2, causal: true), Dropout(rate: 0.3)]))),
    ("an output a position", Network(input: [3, 2], layers: [Dense(units: 4), Tanh(), Dense(units: 5)])),
    ("dropout", stack(Dropout(rate: 0.4))),
    ("flatten", Network(input: [2, 1, 2], layers: [Flatten(), Dense(units: 3)])),
    // Memory is shared where a layer may: neighbours in place, after one whose output is read, around an alias.
    ("relu, dropout", stack(ReLU(), Dropout(rate: 0.3))),
    ("dropout, relu", stack(Dropout(rate: 0.3), ReLU())),
    ("tanh, sigmoid", stack(Tanh(), Sigmoid())),
    ("tanh, flatten, sigmoid", stack(Tanh(), Flatten(), Sigmoid())),
    ("sigmoid, flatten, dropout", stack(Sigmoid(), Flatten(), Dropout(rate: 0.5))),
    ("tanh, dropout, dropout, tanh", stack(Tanh(), Dropout(rate: 0.2), Dropout(rate: 0.2), Tanh())),
    ("activation at the end", Network(input: [4], layers: [Dense(units: 3), Tanh()])),
    ("dropout at the end", Network(input: [4], layers: [Dense(units: 3), Dropout(rate: 0.5)])),
    ("activation at the start", Network(input: [4], layers: [Tanh(), Dense(units: 3)])),
    ("dropout at the start", Network(input: [4], layers: [Dropout(rate: 0.5), Dense(units: 3)])),
    ("sequential", stack(Sequential(layers: [Tanh(), Dense(units: 6), Sigmoid()]))),
    ("residual", stack(Residual(body: [Tanh(), Dense(units: 6)]))),
    ("residual in place", stack(Residual(body: [Dense(units: 6), Dropout(rate: 0.3)]), Tanh())),
    ("residual with a shortcut", stack(Residual(body: [Dense(units: 5), Tanh()], shortcut: [Dense(units: 5)]))),
    ("residual in residual", stack(Residual(body: [Residual(body: [Dense(units: 6), Tanh()]), Sigmoid()]))),
    ("x + x", stack(Parallel(join: .add, branches: [[], []]))),
    ("x, x", stack(Parallel(branches: [[], []]))),
    ("three towers", stack(Parallel(branches: [[Dense(units: 2)], [Tanh(), Dense(units: 3)], [Dropout(rate: 0.2)]]))),
    ("three sums", stack(Parallel(join: .add, branches: [[Tanh()], [Dense(units: 6), Sigmoid()], [ReLU()]]), Tanh())),
    (
      "wide and deep",
      Network(
        input: [5],
        layers: [Parallel(branches: [[Select(0..<2)], [Select(2..<5), Dense(units: 4), Tanh()]]), Dense(units: 3)])
    ),
    ("select", stack(Select(1..<4))),
    ("gate", stack(Parallel(join: .multiply, branches: [[Dense(units: 5), Sigmoid()], [Dense(units: 5)]]))),
    (
      "three factors, one of them the input in place",
      stack(
        Parallel(join: .multiply, branches: [[Tanh()], [], [Dense(units: 6), Sigmoid(), Dropout(rate: 0.3)]]), Tanh())
    ),
    ("x x", stack(Parallel(join: .multiply, branches: [[], []]))),
    ("x x x x of a small x", stack(Tanh(), Parallel(join: .multiply, branches: [[], [], [], []]))),
    (
      "gated residual",
      stack(
        Residual(body: [
          Parallel(join: .multiply, branches: [[Dense(units: 6), Sigmoid()], [LayerNorm(epsilon: 0.1)]])
        ]))
    ),
    (
      "a factor that learns nothing",
      Network(
        input: [4], layers: [Parallel(join: .multiply, branches: [[Tanh()], [Dense(units: 4)], []]), Dense(units: 3)])
    ),
    (
      "a product of branches that learn nothing",
      Network(input: [4], layers: [Parallel(join: .multiply, branches: [[Tanh()], []]), Dense(units: 3)])
    ),
    ("first position", sequence(SelectPosition(0))),
    ("second position", sequence(SelectPosition(1))),
    ("last position", sequence(SelectPosition(-1))),
    ("mean over positions", sequence(MeanPositions())),
    ("maximum over positions", sequence(MaxPositions())),
    ("mean over positions at the start", Network(input: [3, 4], layers: [MeanPositions(), Dense(units: 3)])),
    ("last position at the start", Network(input: [3, 4], layers: [SelectPosition(-1), Dense(units: 3)])),
    ("residual at the end", Network(input: [3], layers: [Residual(body: [Dense(units: 3), Tanh()])])),
    ("add of branches that learn nothing", Network(input: [4], layers: [Residual(body: [Tanh()]), Dense(units: 3)])),
    (
      "all",
      Network(input: [2, 3]) {
        Flatten()
        Dropout(rate: 0.2)
        Dense(units: 7)
        ReLU()
        Dropout(rate: 0.3)
        Dense(units: 6, bias: false)
        Tanh()
        Dense(units: 5)
        Sigmoid()
        Flatten()
        Dense(units: 3)
      }
    ),
  ]

  /// Layers between two dense ones, which get their gradients and give them theirs.
  static func stack(_ layers: any Layer...) -> Network {
    Network(input: [4], layers: [Dense(units: 6)] + layers + [Dense(units: 3)])
  }

  /// As `stack`, of samples of three rows of four.
  static func rows(_ layers: any Layer...) -> Network {
    let dense = Dense(units: 4)
    return Network(input: [3, 2], layers: [dense] + layers + [Flatten(), Dense(units: 3)])
  }

  /// Of samples of three rows of four, which a layer makes one row of.
  static func sequence(_ layer: any Layer) -> Network {
    Network(input: [3, 2], layers: [Dense(units: 4), Tanh(), layer, Dense(units: 3)])
  }

  /// All but |e|: a step of a parameter takes an error over its kink.
  static let smoothLosses = usualLosses.filter { $0.kind != MeanAbsoluteErrorLoss.kind }

  @Test(arguments: networks.indices, smoothLosses)
  func backwardIsTheDerivativeOfTheLoss(number: Int, loss: any Loss) throws {
    let mistakes = try GradientCheck(Self.networks[number].network, loss: loss).mistakes()
    #expect(mistakes.isEmpty, "\(Self.networks[number].name), \(loss.kind)")
  }

  @Test(arguments: smoothLosses)
  func backwardOfAbsentSamplesIsTheDerivativeOfTheLoss(loss: any Loss) throws {
    for (name, network) in Self.networks {
      let mistakes = try GradientCheck(network, loss: loss, valid: 2).mistakes()
      #expect(mistakes.isEmpty, "\(name)")
    }
  }

  /// The checker can fail: wrong factors, wrong signs, a forgotten function, a stale output.
  @Test(arguments: Broken.Fault.allCases, smoothLosses)
  func aBrokenBackwardIsCaught(fault: Broken.Fault, loss: any Loss) throws {
    let mistakes = try GradientCheck(Self.stack(Broken(fault: fault)), loss: loss).mistakes()
    #expect(!mistakes.isEmpty)
    #expect(mistakes.contains { $0.hasPrefix("0.") }, "the layer below gets the wrong gradient")
    #expect(!mistakes.contains { $0.hasPrefix("2.") }, "the layer above does not")
  }

  @Test func aCorrectOneOfTheSameMakingIsNot() throws {
    for loss in Self.smoothLosses {
      #expect(try GradientCheck(Self.stack(Broken(fault: nil)), loss: loss).mistakes().isEmpty)
    }
  }
}

/// A hyperbolic tangent whose backward has a fault on request.
struct Broken: Layer {
  enum Fault: CaseIterable {
    /// One per cent too much.
    case factor
    case sign
    /// Hands the gradient on as if it were the identity.
    case identity
    /// The last sample's gradient is left out.
    case lastSample
  }

  static let kind = "broken"
  let fault: Fault?

  func outputShape(for input: Shape) -> Shape { input }
  var backwardReads: BackwardReads { .output }
  func bind(_ binding: Binding) -> any BoundLayer {
    Bound(fault: fault, x: binding.input, y: binding.output, width: binding.inputShape.count)
  }

  private struct Bound: BoundLayer {
    let fault: Fault?
    let x: Int, y: Int, width: Int

    func forward(_ lane: borrowing Lane) { Kernels.forward(.tanh, lane.values[x], into: lane.values[y]) }

    func backward(_ lane: borrowing Lane) {
      let (dx, dy) = (lane.gradients[x], lane.gradients[y])
      Kernels.backward(.tanh, dy, from: lane.values[y], into: dx)
      switch fault {
      case .factor: for index in 0..<dx.count { dx[index] *= 1.01 }
      case .sign: for index in 0..<dx.count { dx[index] *= -1 }
      case .identity: dx.assign(dy)
      case .lastSample: for index in dx.count - width..<dx.count { dx[index] = 0 }
      case nil: break
      }
    }
  }
}
