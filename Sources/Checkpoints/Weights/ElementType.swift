import Tensors

/// What the numbers of a tensor in a file are, in the words of safetensors: `F32`, `BF16`, `I64`.
package struct ElementType: Hashable, Sendable, CustomStringConvertible {
  /// `F32`
  package let name: String
  /// Bytes of a number.
  package let size: Int

  package init(_ name: String, size: Int) { (self.name, self.size) = (name, size) }

  package static let float32 = ElementType("F32", size: 4)
  package static let float64 = ElementType("F64", size: 8)
  package static let float16 = ElementType("F16", size: 2)
  package static let bfloat16 = ElementType("BF16", size: 2)
  package static let int64 = ElementType("I64", size: 8)
  package static let int32 = ElementType("I32", size: 4)
  package static let int16 = ElementType("I16", size: 2)
  package static let int8 = ElementType("I8", size: 1)
  package static let uint8 = ElementType("U8", size: 1)
  package static let bool = ElementType("BOOL", size: 1)

  package var description: String { name }

  /// Whether parameters can be made of it: floating-point numbers of 16, 32 and 64 bits.
  package var isFloat: Bool { [.float32, .float64, .float16, .bfloat16].contains(self) }

  /// Overwrites `floats` with as many little-endian numbers of this type, which must be floating-point ones.
  ///
  /// Those of 16 bits are exact; those of 64 are rounded to the nearest, and beyond the range become infinite.
  package func convert(_ bytes: [UInt8], into floats: FloatView) {
    precondition(isFloat && bytes.count == floats.count * size, "\(bytes.count) bytes of \(name) for \(floats.count)")
    bytes.withUnsafeBytes { raw in
      for place in 0..<floats.count {
        switch self {
        case .float32: floats[place] = raw.loadUnaligned(fromByteOffset: 4 * place, as: Float.self)
        case .float64: floats[place] = Float(raw.loadUnaligned(fromByteOffset: 8 * place, as: Double.self))
        case .float16: floats[place] = Self.half(raw.loadUnaligned(fromByteOffset: 2 * place, as: UInt16.self))
        default:
          let bits = raw.loadUnaligned(fromByteOffset: 2 * place, as: UInt16.self)
          floats[place] = Float(bitPattern: UInt32(bits) << 16)
        }
      }
    }
  }

  /// IEEE 754 binary16: a sign, 5 bits of exponent, 10 of fraction.
  private static func half(_ bits: UInt16) -> Float {
    let (sign, exponent, fraction) = (UInt32(bits & 0x8000) << 16, UInt32(bits >> 10 & 0x1f), UInt32(bits & 0x3ff))
    switch exponent {
    case 0: return Float(bitPattern: sign | (Float(fraction) * 0x1p-24).bitPattern)
    case 0x1f: return Float(bitPattern: sign | 0x7f80_0000 | fraction << 13)
    default: return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
    }
  }
}
