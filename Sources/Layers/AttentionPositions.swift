import Configuration
import Kernels

/// How attention knows where positions are, besides what is added to its input.
public enum AttentionPositions: Sendable, Hashable {
  /// It does not.
  case none
  /// Queries and keys turn by an angle of their position, so that their product knows the distance: columns j and j + d / 2 of a head of
  /// d are turned by t · base^(-2j / d). Su et al.: *RoFormer* (2021); the pairs are those of LLaMA and GPT-NeoX, halves of a head.
  case rotary(base: Double)
  /// The scaled score of a key is less by m · |q - k|, m being the head's slope: 2^(-8 (h + 1) / H), H a power of two; else the slopes of
  /// the next smaller power, and behind them every other of the next larger one. Press et al.: *Train short, test long* (ICLR 2022).
  case alibi

  /// By their words in a configuration.
  package static var kinds: ConfigCases<AttentionPositions> {
    ConfigCases([
      ("none", "positions are known by what is added to the input", { _ in .none }),
      (
        "rotary", "queries and keys turn with their positions, halves of a head paired, as in LLaMA",
        { .rotary(base: try $0.double("base", default: 10_000, in: 1...)) }
      ),
      ("alibi", "scores fall off with the distance, by a slope for each head", { _ in .alibi }),
    ])
  }

  /// One a head, where scores fall off.
  package func slopes(heads: Int) -> [Float]? {
    guard case .alibi = self else { return nil }
    func powers(_ count: Int) -> [Float] { (1...count).map { Float(Self.power(-8 * Double($0) / Double(count))) } }
    var power = 1
    while 2 * power <= heads { power *= 2 }
    guard power < heads else { return powers(heads) }
    let between = powers(2 * power).enumerated().filter { $0.offset.isMultiple(of: 2) }.map(\.element)
    return powers(power) + between.prefix(heads - power)
  }

  /// Two to the power of `x`, by square roots: exponents are eighths, sixteenths and so on.
  private static func power(_ x: Double) -> Double {
    var (whole, rest) = (x.rounded(.down), x - x.rounded(.down))
    var (result, root) = (1.0, 2.0)
    while rest > 0 {
      (root, rest) = (root.squareRoot(), 2 * rest)
      if rest >= 1 { (result, rest) = (result * root, rest - 1) }
    }
    while whole < 0 { (result, whole) = (result / 2, whole + 1) }
    return result
  }

  /// Of the positions of a shape, where queries and keys turn.
  func angles(_ shape: AttentionShape) -> Angles? {
    guard case .rotary(let base) = self else { return nil }
    return Angles(positions: shape.positions, columns: shape.headWidth, base: base)
  }
}
