import Tensors

/// How a parameter starts: a function of (seed, slot, element) alone, the same bits on every host.
public enum Initialiser: Hashable, Sendable {
  /// Normal with deviation √(2 / fan-in). He et al.: *Delving deep into rectifiers* (ICCV 2015).
  case he
  /// Uniform in ±√(6 / (fan-in + fan-out)). Glorot, Bengio: *Understanding the difficulty…* (AISTATS 2010).
  case glorot
  case normal(mean: Double, deviation: Double)
  /// Normal with deviation √(1 / fan-in). LeCun et al.: *Efficient backprop* (1998).
  case lecun
  /// Normal with deviation 1, but for the first row, of fan-out numbers, which is 0.
  case embedding
  /// Uniform in ±1/√fan-in: what PyTorch's `kaiming_uniform_` gives with a = √5, as its `Linear` and PEFT's adapters start.
  case kaimingUniform
  case zeros
  case ones

  /// Overwrites `slot` with the start values of slot number `stream` under `seed`.
  public func fill(_ slot: FloatView, seed: UInt64, stream: Int, fanIn: Int, fanOut: Int) {
    switch self {
    case .he: normals(slot, seed, stream, mean: 0, deviation: (2 / Double(fanIn)).squareRoot())
    case .lecun: normals(slot, seed, stream, mean: 0, deviation: (1 / Double(fanIn)).squareRoot())
    case .normal(let mean, let deviation): normals(slot, seed, stream, mean: mean, deviation: deviation)
    case .glorot:
      let limit = (6 / Double(fanIn + fanOut)).squareRoot()
      random(seed).drawUniform(slot.elements, stream: UInt64(stream), width: 2 * limit)
    case .kaimingUniform:
      let limit = (1 / Double(fanIn)).squareRoot()
      random(seed).drawUniform(slot.elements, stream: UInt64(stream), width: 2 * limit)
    case .embedding:
      normals(slot, seed, stream, mean: 0, deviation: 1)
      slot[0..<fanOut].clear()
    case .zeros: slot.clear()
    case .ones: for index in 0..<slot.count { slot[index] = 1 }
    }
  }

  private func normals(_ slot: FloatView, _ seed: UInt64, _ stream: Int, mean: Double, deviation: Double) {
    random(seed).drawNormal(slot.elements, stream: UInt64(stream), mean: mean, deviation: deviation)
  }

  private func random(_ seed: UInt64) -> Philox { Philox(seed: seed, purpose: .initialisation) }
}
