import CKernels

/// How numbers become bytes: `q = clamp(nearest(x / step) + zero, 0, 255)`, ties to even, and a byte is about `(q - zero) · step`.
///
/// A number that is none becomes what minus infinity does. The form is that of ONNX' `QuantizeLinear`.
public struct ByteScale: Sendable, Equatable, Codable {
  /// The number that a byte is larger than the one before it; positive and finite.
  public let step: Float
  /// The byte of the number 0.
  public let zero: Int

  /// A step and a zero of one's own; those that cannot be are a programmer's mistake.
  public init(step: Float, zero: Int) {
    precondition(step.isNormal && step > 0, "a step is a positive number, found \(step)")
    precondition(0...255 ~= zero, "a zero is a byte, found \(zero)")
    (self.step, self.zero) = (step, zero)
  }

  /// Numbers of magnitude `limit` at most: from 0 on where none is negative, else on both sides of it alike.
  public init(limit: Float, isSigned: Bool) {
    let levels: Float = isSigned ? 127 : 255
    let step = limit / levels
    self.init(step: step.isNormal ? step : 1, zero: isSigned ? 128 : 0)
  }

  /// Whether a step and a zero read from a file can be ones.
  public var isSound: Bool { step.isNormal && step > 0 && 0...255 ~= zero }

  /// The largest magnitude that a byte stands for.
  package var limit: Float { Float(zero == 0 ? 255 : 127) * step }
}
