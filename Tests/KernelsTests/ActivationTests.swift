import Foundation
import Kernels
import Tensors
import Testing

@Suite struct ActivationTests {
  @Test(arguments: Activation.all)
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
  @Test(arguments: Activation.all)
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
    case .relu6: return y > 0 && y < 6 ? 1 : 0
    case .hardSigmoid: return y > 0 && y < 1 ? 1.0 / 6 : 0
    case .hardSwish: return x <= -3 ? 0 : x < 3 ? x / 3 + 0.5 : 1
    case .mish:
      let (t, s) = (Foundation.tanh(log1p(exp(x))), 1 / (1 + exp(-x)))
      return t + x * (1 - t * t) * s
    case .elu(let alpha): return x > 0 ? 1 : Double(alpha) * exp(x)
    case .softplus(let beta): return 1 / (1 + exp(-x * Double(beta)))
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

  /// At the kinks as PyTorch has it: no gradient at 0 and 6, at -3 and 3.
  @Test func straightPiecesEndWherePyTorchsDo() {
    func gradient(_ activation: Activation, _ x: [Float]) -> [Float] {
      let y = apply({ Kernels.forward(activation, $0, into: $1) }, x)
      let source = floats(activation.derivativeSource == .input ? x : y)
      return apply({ Kernels.backward(activation, $0, from: source, into: $1) }, x.map { _ in 6 })
    }
    #expect(gradient(.relu6, [-1, 0, 1e-30, 5.9, 6, 7]) == [0, 0, 6, 6, 0, 0])
    #expect(gradient(.hardSigmoid, [-4, -3, -2.9, 2.9, 3, 4]) == [0, 0, 1, 1, 0, 0])
    #expect(gradient(.hardSwish, [-4, -3, 0, 3, 4]) == [0, 0, 3, 6, 6])
    #expect(apply({ Kernels.forward(.relu6, $0, into: $1) }, [-.infinity, .infinity, 3]) == [0, 6, 3])
    #expect(apply({ Kernels.forward(.hardSwish, $0, into: $1) }, [.infinity, -4, 6]) == [.infinity, 0, 6])
    for activation in Activation.all {
      #expect(apply({ Kernels.forward(activation, $0, into: $1) }, [.nan])[0].isNaN, "\(activation)")
    }
  }

  /// PyTorch's choice as well.
  @Test func reluHasNoGradientAtZero() {
    let (output, dx) = (floats([0, -0.0, 1e-30]), floats([5, 5, 5]))
    Kernels.backward(.relu, dx, from: output, into: dx)
    #expect(dx.array == [0, 0, 5])
  }
}
