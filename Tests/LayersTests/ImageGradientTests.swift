import Kernels
import Layers
import Losses
import Tensors
import Testing

/// Convolutions, pools and batch normalisation against central differences, absent samples too.
///
/// A pool is checked through the convolution before it: its input's gradient is what that one gets. The fixed inputs put
/// no two elements of a max-pool's window within a step of each other.
@Suite struct ImageGradientTests {
  static let networks: [(name: String, network: Network)] = [
    ("convolution", network([5, 4, 2], Convolution(channels: 3, kernel: 3))),
    ("without bias", network([5, 4, 2], Convolution(channels: 3, kernel: 3, bias: false))),
    ("stride", network([6, 5, 2], Convolution(channels: 3, kernel: 3, stride: 2, padding: 1))),
    ("dilation", network([6, 7, 2], Convolution(channels: 3, kernel: 3, padding: 1, dilation: 2))),
    ("stride that leaves a remainder", network([6, 8, 1], Convolution(channels: 2, kernel: 3, stride: 2))),
    ("groups", network([4, 4, 4], Convolution(channels: 6, kernel: 3, padding: 1, groups: 2))),
    ("depthwise", network([4, 5, 3], Convolution(channels: 3, kernel: 3, padding: 1, groups: 3))),
    ("depthwise twofold", network([4, 5, 3], Convolution(channels: 6, kernel: 3, padding: 1, groups: 3))),
    ("one by one", network([3, 3, 5], Convolution(channels: 4, kernel: 1))),
    (
      "axes",
      network(
        [5, 7, 1],
        Convolution(
          channels: 2,
          window: Window(
            kernel: Plane(height: 2, width: 3), stride: Plane(height: 1, width: 2),
            dilation: Plane(height: 3, width: 1), padding: .both(Plane(height: 0, width: 2)))))
    ),
    (
      "same",
      network(
        [5, 6, 1], Convolution(channels: 2, window: Window(kernel: Plane(4), stride: Plane(2), padding: .same)))
    ),
    (
      "convolution on convolution",
      network([5, 5, 1], Convolution(channels: 4, kernel: 3), Tanh(), Convolution(channels: 3, kernel: 2, stride: 2))
    ),
    (
      "input gradient by groups and dilation",
      network(
        [5, 6, 2], Convolution(channels: 4, kernel: 1), Tanh(),
        Convolution(channels: 4, kernel: 3, padding: 2, dilation: 2, groups: 2))
    ),
    (
      "input gradient of depthwise",
      network(
        [4, 4, 1], Convolution(channels: 3, kernel: 1), Tanh(),
        Convolution(channels: 3, kernel: 3, stride: 2, padding: 1, groups: 3))
    ),
    ("max-pool", network([4, 4, 1], Convolution(channels: 2, kernel: 1), MaxPool(size: 2))),
    ("max-pool, overlapping", network([5, 4, 1], Convolution(channels: 2, kernel: 1), MaxPool(size: 3, stride: 1))),
    ("average-pool", network([5, 6, 1], Convolution(channels: 3, kernel: 1), AveragePool(size: 2))),
    (
      "average-pool, overlapping",
      network([5, 6, 1], Convolution(channels: 3, kernel: 1), AveragePool(size: 3, stride: 2, padding: 1))
    ),
    ("global average", network([5, 4, 1], Convolution(channels: 4, kernel: 3), Tanh(), GlobalAveragePool())),
    ("batch norm", network([3, 4, 1], Convolution(channels: 3, kernel: 2), BatchNorm(), Tanh())),
    ("batch norm of rows", Network(input: [4], layers: [Dense(units: 6), BatchNorm(), Tanh(), Dense(units: 3)])),
    ("batch norm first", network([3, 3, 2], BatchNorm(epsilon: 0.1), Convolution(channels: 2, kernel: 2))),
    (
      "residual",
      network(
        [4, 4, 2],
        Residual(body: [Convolution(channels: 2, kernel: 3, padding: 1), BatchNorm(), Tanh()]),
        Residual(
          body: [Convolution(channels: 3, kernel: 3, stride: 2, padding: 1), BatchNorm()],
          shortcut: [Convolution(channels: 3, kernel: 1, stride: 2)]))
    ),
  ]

  /// Layers on images before a dense one.
  static func network(_ input: Shape, _ layers: any Layer...) -> Network {
    Network(input: input, layers: layers + [Flatten(), Dense(units: 3)])
  }

  @Test(arguments: networks.indices)
  func backwardIsTheDerivativeOfTheLoss(number: Int) throws {
    for valid in [4, 3] {
      let check = try GradientCheck(Self.networks[number].network, loss: .crossEntropy, microBatch: 4, valid: valid)
      let mistakes = check.mistakes()
      #expect(mistakes.isEmpty, "\(Self.networks[number].name), \(valid) of 4")
    }
  }

  /// A wrong sum over the batch, a statistic of absent samples: what a wrong batch normalisation would do.
  @Test func absentSamplesCountForNothing() throws {
    let network = Self.network([3, 4, 1], Convolution(channels: 3, kernel: 2), BatchNorm(), Tanh())
    let plan = try network.plan(microBatch: 4)
    func leaf(_ absent: Float) -> [Float] {
      let (parameters, leaf) = (FlatBuffer(count: plan.layout.count), FlatBuffer(count: plan.layout.count))
      plan.initialise(parameters.view, seed: 1)
      let input = buffer(uniform(36, 1) + [Float](repeating: absent, count: 12))
      var lane = plan.makeLane(parameters: parameters.view, seed: 1)
      lane.setInput(input.view)
      lane.setLeaf(leaf.view)
      lane.setMode(GradientCheck.training, valid: 3)
      plan.forward(lane)
      lane.outputGradient.clear()
      lane.outputGradient[0..<9].assign(uniform(9, 1, stream: 5))
      plan.backward(lane)
      return leaf.view.array
    }
    let expected = leaf(0)
    #expect(leaf(1000) == expected && leaf(-3) == expected)
    #expect(expected.contains { $0 != 0 })
  }

  @Test func shapesThatDoNotFitNameTheLayer() {
    func message(_ input: Shape, _ layer: any Layer) -> String {
      do {
        _ = try Network(input: input, layers: [layer]).plan(microBatch: 1)
        return "no error"
      } catch { return "\(error)" }
    }
    let cure = "; change the model's input or this layer"
    #expect(
      message([784], Convolution(channels: 3, kernel: 3))
        == "model.0 (convolution): expected samples of rank 3 (height×width×channels), found 784\(cure)")
    #expect(
      message([4, 9, 1], Convolution(channels: 3, kernel: 3, dilation: 2))
        == "model.0 (convolution): expected samples of at least 5×5 for its window of 5×5, found 4×9×1\(cure)")
    #expect(
      message([4, 4, 3], Convolution(channels: 4, kernel: 3, groups: 2))
        == "model.0 (convolution): expected input and output channels (4) that 2 groups divide, found 4×4×3\(cure)")
    #expect(
      message([4, 1, 3], MaxPool(size: 2))
        == "model.0 (max-pool): expected samples of at least 2×2 for its window of 2×2, found 4×1×3\(cure)")
    #expect(message([4], AveragePool(size: 2)).contains("model.0 (average-pool): expected samples of rank 3"))
    #expect(message([4], GlobalAveragePool()).contains("model.0 (global-average-pool): expected samples of rank 3"))
    #expect(message([], BatchNorm()).contains("model.0 (batch-norm): expected samples with channels"))
    #expect(message([4, 4, 3], Convolution(channels: 4, kernel: 3)) == "no error")
  }

  /// 28×28×1 by 3×3 to 32, then by 3×3 to 64: as counted by hand.
  @Test func workIsCounted() throws {
    let network = Network(
      input: [28, 28, 1],
      layers: [Convolution(channels: 32, kernel: 3), Convolution(channels: 64, kernel: 3, groups: 2)])
    #expect(try network.plan(microBatch: 1).multiplyAdds == 26 * 26 * 32 * 9 + 24 * 24 * 64 * 16 * 9)
  }
}
