import Kernels
import Tensors

/// max(x, 0), elementwise.
public struct ReLU: ElementwiseLayer {
  public static let kind = "relu"
  public let activation = Activation.relu
  public init() {}
}

/// 1 / (1 + exp(-x)), elementwise.
public struct Sigmoid: ElementwiseLayer {
  public static let kind = "sigmoid"
  public let activation = Activation.sigmoid
  public init() {}
}

/// The hyperbolic tangent, elementwise.
public struct Tanh: ElementwiseLayer {
  public static let kind = "tanh"
  public let activation = Activation.tanh
  public init() {}
}

/// A layer that applies one function to each element, in place, any shape.
public protocol ElementwiseLayer: Layer {
  var activation: Activation { get }
}

extension ElementwiseLayer {
  public func outputShape(for input: Shape) -> Shape { input }
  public var backwardReads: BackwardReads { .output }
  public var placement: Placement { .inPlace }
  public func bind(_ binding: Binding) -> any BoundLayer {
    BoundActivation(
      activation: activation, x: binding.input, y: binding.output, wantsInputGradient: binding.wantsInputGradient)
  }
}

private struct BoundActivation: BoundLayer {
  let activation: Activation
  let x: Int, y: Int
  let wantsInputGradient: Bool

  func forward(_ lane: borrowing Lane) {
    Kernels.forward(activation, lane.values[x], into: lane.values[y])
  }

  func backward(_ lane: borrowing Lane) {
    guard wantsInputGradient else { return }
    Kernels.backward(activation, lane.gradients[y], output: lane.values[y], into: lane.gradients[x])
  }
}
