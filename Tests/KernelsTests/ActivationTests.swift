import Kernels
import Tensors
import Testing

@Suite struct ActivationTests {
  @Test(arguments: Activation.allCases)
  func forwardAndBackwardWorkInPlace(activation: Activation) {
    for count in [1, 7, 16, 33, 1000] {
      let (x, dy) = (uniform(count, 4, stream: 1), uniform(count, 4, stream: 2))
      let y = apply({ Kernels.forward(activation, $0, into: $1) }, x)
      let inPlace = floats(x)
      Kernels.forward(activation, inPlace, into: inPlace)
      #expect(inPlace.array == y)

      let (output, dx, gradient) = (floats(y), floats(count: count), floats(dy))
      Kernels.backward(activation, gradient, output: output, into: dx)
      Kernels.backward(activation, gradient, output: output, into: gradient)
      #expect(gradient.array == dx.array)
      #expect(output.array == y, "the output is only read")
    }
  }

  /// 1e-6 relative to the incoming gradient: three roundings of 6e-8.
  @Test(arguments: Activation.allCases)
  func backwardIsTheDerivative(activation: Activation) {
    let (x, dy) = (uniform(1000, 4, stream: 1), uniform(1000, 4, stream: 2))
    let output = floats(apply({ Kernels.forward(activation, $0, into: $1) }, x))
    let dx = apply({ Kernels.backward(activation, $0, output: output, into: $1) }, dy)
    for index in x.indices {
      let y = Double(output[index])
      let derivative: Double =
        switch activation {
        case .relu: x[index] > 0 ? 1 : 0
        case .sigmoid: y * (1 - y)
        case .tanh: 1 - y * y
        }
      #expect(abs(Double(dx[index]) - Double(dy[index]) * derivative) <= 1e-6 * Double(abs(dy[index])))
    }
  }

  /// PyTorch's choice as well.
  @Test func reluHasNoGradientAtZero() {
    let (output, dx) = (floats([0, -0.0, 1e-30]), floats([5, 5, 5]))
    Kernels.backward(.relu, dx, output: output, into: dx)
    #expect(dx.array == [0, 0, 5])
  }
}
