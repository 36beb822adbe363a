import Configuration
import Tensors

/// silu(x W₁ᵀ) · (x W₃ᵀ), element by element: what a gated perceptron of a transformer computes before its last layer.
///
/// A dense layer back to the width of the input, W₂ of LLaMA, comes behind it: `swiglu: 172, {dense: {units: 64, bias: false}}`. Slots
/// are `0.0.weight`, W₁, and `1.0.weight`, W₃. Shazeer: *GLU variants improve transformer* (2020).
public struct SwiGLU: Combinator {
  public static let kind = "swiglu"
  public static let summary = "silu(W1 x) times W3 x: a gated dense layer"
  package let units: Int
  private let hasBias: Bool
  private let initialiser: Initialiser

  /// `units` is the length of the output's last axis.
  public init(units: Int, bias hasBias: Bool = false, initialiser: Initialiser = .he) {
    precondition(units > 0, "units must be positive, found \(units)")
    self.units = units
    self.hasBias = hasBias
    self.initialiser = initialiser
  }

  public var branches: [[any Layer]] {
    let dense = Dense(units: units, bias: hasBias, initialiser: initialiser)
    return [[dense, SiLU()], [dense]]
  }
  public var join: Join? { .multiply }
}

extension SwiGLU: ConfiguredLayer {
  /// `swiglu: {units: 172, bias: false, initialiser: he}`
  public init(_ settings: ConfigReader) throws {
    let units = try settings.int("units", in: 1...(1 << 24))
    let bias = try settings.bool("bias", default: false)
    self.init(units: units, bias: bias, initialiser: try settings.initialiser(default: "he"))
  }
}
