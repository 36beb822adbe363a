import Kernels
import Tensors

/// A convolution of one plan, or a transposed one.
struct BoundConvolution<Kernel: ConvolutionPasses>: BoundLayer {
  let kernel: Kernel
  let place: Int
  let x: Int, y: Int, weight: Int, bias: Int?
  let wantsInputGradient: Bool

  /// For packed weights, and an image with zeros around.
  var workspace: Workspace { Workspace(forward: kernel.scratchCount, backward: kernel.scratchCount) }

  func forward(_ lane: borrowing Lane) {
    kernel.forward(
      lane.tensor(x), weight: lane.parameters[weight], bias: bias.map { lane.parameters[$0] }, into: lane.tensor(y),
      scratch: lane.forwardScratch[place])
  }

  func backward(_ lane: borrowing Lane) {
    guard lane.learns(weight) || (bias.map { lane.learns($0) } ?? false) else {
      // Of a frozen layer the gradient of the input alone.
      guard wantsInputGradient else { return }
      return kernel.backwardData(
        lane.gradient(y), weight: lane.parameters[weight], into: lane.gradient(x), scratch: lane.backwardScratch[place])
    }
    kernel.backward(
      lane.tensor(x), lane.gradient(y), weight: lane.parameters[weight], into: lane.parameterGradients[weight],
      bias.map { lane.parameterGradients[$0] }, wantsInputGradient ? lane.gradient(x) : nil,
      scratch: lane.backwardScratch[place])
  }
}
