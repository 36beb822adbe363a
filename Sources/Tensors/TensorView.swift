/// What numbers a tensor is of, and what products take their factors as.
public enum NumberFormat: String, Sendable, CaseIterable {
  /// IEEE 754's binary32.
  case float32
  /// The upper half of a float: 8 bits of significand.
  case bfloat16

  /// Bytes of a number.
  package var size: Int { self == .float32 ? 4 : 2 }

  /// Floats of memory that hold `count` numbers.
  package func floats(_ count: Int) -> Int { self == .float32 ? count : (count + 1) / 2 }
}

/// A window on bfloat16 numbers that lie in the memory of a `FlatBuffer`, which it keeps alive.
@frozen
public struct BFloat16View: @unchecked Sendable {
  /// The first number's bits.
  public let base: UnsafeMutablePointer<UInt16>
  /// How many numbers there are.
  public let count: Int
  private let memory: FloatView

  /// `count` numbers from the first float of `memory` on, which has to hold them.
  public init(_ memory: FloatView, count: Int) {
    precondition(
      memory.count >= NumberFormat.bfloat16.floats(count), "\(count) bfloat16 numbers in \(memory.count) floats")
    self.init(base: UnsafeMutableRawPointer(memory.base).assumingMemoryBound(to: UInt16.self), count: count, memory)
  }

  private init(base: UnsafeMutablePointer<UInt16>, count: Int, _ memory: FloatView) {
    (self.base, self.count, self.memory) = (base, count, memory)
  }

  /// The window on a part of this one; out of bounds is a programmer's mistake.
  public subscript(range: Range<Int>) -> BFloat16View {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "range \(range) is outside of 0..<\(count)")
    return BFloat16View(base: base + range.lowerBound, count: range.count, memory)
  }

  /// Copies of the values, for tests and reports.
  public var array: [Float] { (0..<count).map { Float(bitPattern: UInt32(base[$0]) << 16) } }
}

/// The numbers of a tensor, as they are kept.
public enum TensorView: Sendable {
  case float32(FloatView)
  case bfloat16(BFloat16View)

  /// `count` numbers in the first floats of `memory`.
  package init(_ memory: FloatView, _ precision: NumberFormat, count: Int) {
    switch precision {
    case .float32: self = .float32(memory[0..<count])
    case .bfloat16: self = .bfloat16(BFloat16View(memory, count: count))
    }
  }

  /// How many numbers there are.
  public var count: Int {
    switch self {
    case .float32(let view): view.count
    case .bfloat16(let view): view.count
    }
  }

  /// Where they lie.
  package var base: UnsafeMutableRawPointer {
    switch self {
    case .float32(let view): UnsafeMutableRawPointer(view.base)
    case .bfloat16(let view): UnsafeMutableRawPointer(view.base)
    }
  }

  package var isFloat: Bool { if case .float32 = self { true } else { false } }

  /// Where its floats lie; that it has none is a programmer's mistake.
  package var floats: UnsafeMutablePointer<Float> {
    guard case .float32(let view) = self else { preconditionFailure("floats are wanted here, found bfloat16 numbers") }
    return view.base
  }

  /// What the numbers are.
  package var precision: NumberFormat { isFloat ? .float32 : .bfloat16 }

  /// Copies of the values, for tests and reports.
  public var array: [Float] {
    switch self {
    case .float32(let view): view.array
    case .bfloat16(let view): view.array
    }
  }

  /// Zeroes all of it.
  public func clear() { base.initializeMemory(as: UInt8.self, repeating: 0, count: count * precision.size) }

  /// The window on a part of this one; out of bounds is a programmer's mistake.
  public subscript(range: Range<Int>) -> TensorView {
    switch self {
    case .float32(let view): .float32(view[range])
    case .bfloat16(let view): .bfloat16(view[range])
    }
  }
}
