import Foundation
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

      let read = activation.derivativeSource == .input ? x : y
      let (source, dx, gradient) = (floats(read), floats(count: count), floats(dy))
      Kernels.backward(activation, gradient, from: source, into: dx)
      Kernels.backward(activation, gradient, from: source, into: gradient)
      #expect(gradient.array == dx.array)
      #expect(source.array == read, "the source is only read")
    }
  }

  /// 2e-6 relative to the incoming gradient: some roundings of 6e-8, those of tanh's argument of up to 11 among them.
  @Test(arguments: Activation.allCases)
  func backwardIsTheDerivative(activation: Activation) {
    let (x, dy) = (uniform(1000, 4, stream: 1), uniform(1000, 4, stream: 2))
    let y = apply({ Kernels.forward(activation, $0, into: $1) }, x)
    let source = floats(activation.derivativeSource == .input ? x : y)
    let dx = apply({ Kernels.backward(activation, $0, from: source, into: $1) }, dy)
    for index in x.indices {
      let derivative = Self.derivative(activation, x: Double(x[index]), y: Double(y[index]))
      #expect(abs(Double(dx[index]) - Double(dy[index]) * derivative) <= 2e-6 * Double(abs(dy[index])))
    }
  }

  private static func derivative(_ activation: Activation, x: Double, y: Double) -> Double {
    let root = (2 / Double.pi).squareRoot()
    switch activation {
    case .relu: return x > 0 ? 1 : 0
    case .sigmoid: return y * (1 - y)
    case .tanh: return 1 - y * y
    case .gelu: return 0.5 * (1 + erf(x / 2.0.squareRoot())) + x * exp(-x * x / 2) / (2 * Double.pi).squareRoot()
    case .geluTanh:
      let t = Foundation.tanh(root * (x + 0.044715 * x * x * x))
      return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * root * (1 + 3 * 0.044715 * x * x)
    case .silu:
      let s = 1 / (1 + exp(-x))
      return s * (1 + x * (1 - s))
    }
  }

  @Test func leakyReLUKeepsAShareOfWhatIsNegative() {
    let x: [Float] = [-4, -0.5, 0, 3, .infinity]
    let y = apply({ Kernels.leakyReLU($0, slope: 0.25, into: $1) }, x)
    #expect(y == [-1, -0.125, 0, 3, .infinity])
    #expect(apply({ Kernels.leakyReLU($0, slope: 0.25, into: $1) }, [.nan])[0].isNaN)
    let (output, dx) = (floats(y), floats([Float](repeating: 8, count: 5)))
    Kernels.leakyReLUBackward(dx, output: output, slope: 0.25, into: dx)
    #expect(dx.array == [2, 2, 2, 8, 8], "PyTorch's choice at zero as well")
  }

  /// PyTorch's choice as well.
  @Test func reluHasNoGradientAtZero() {
    let (output, dx) = (floats([0, -0.0, 1e-30]), floats([5, 5, 5]))
    Kernels.backward(.relu, dx, from: output, into: dx)
    #expect(dx.array == [0, 0, 5])
  }
}
