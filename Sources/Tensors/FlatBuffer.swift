import CKernels
import Diagnostics

#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// One block of memory for floats: 64-byte aligned, zero at first, freed with its owner.
///
/// The owner of all parameters, of a gradient, of a lane's activations. Everything else reaches it through
/// `FloatView`s, which keep it alive. Sharing it between threads is allowed where they write disjoint ranges.
public final class FlatBuffer: @unchecked Sendable {
  /// Bytes; a cache line, and the widest vector register.
  public static let alignment = 64

  /// How many floats there are.
  public let count: Int
  @usableFromInline let base: UnsafeMutablePointer<Float>
  /// Who frees the memory, if not this.
  private let owner: AnyObject?

  /// Zeros, aligned for every instruction set.
  public init(count: Int) {
    precondition(count >= 0, "count must not be negative, found \(count)")
    let bytes = max(count, 1) * MemoryLayout<Float>.stride
    // Swift's own allocation would trap where there is no memory left.
    guard let memory = ck_aligned_memory(Int64(bytes)) else { OutOfMemory.end(wanting: bytes) }
    memory.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
    base = memory.assumingMemoryBound(to: Float.self)
    self.count = count
    owner = nil
  }

  /// Memory that belongs to `owner`, which is kept alive.
  public init(borrowing memory: UnsafeMutableRawBufferPointer, from owner: AnyObject) {
    base = memory.baseAddress!.assumingMemoryBound(to: Float.self)
    count = memory.count / MemoryLayout<Float>.stride
    self.owner = owner
  }

  deinit { if owner == nil { free(base) } }

  /// All of it.
  @inlinable
  public var view: FloatView { FloatView(base: base, count: count, owner: self) }
}

/// A window on the floats of a `FlatBuffer`: a start and a count. It keeps the buffer alive.
///
/// Writing through any copy writes the buffer's memory. Only `Kernels` and the communicators use `base`.
@frozen
public struct FloatView: @unchecked Sendable {
  /// The first float.
  public let base: UnsafeMutablePointer<Float>
  /// How many floats there are.
  public let count: Int
  @usableFromInline let owner: FlatBuffer

  @inlinable
  init(base: UnsafeMutablePointer<Float>, count: Int, owner: FlatBuffer) {
    self.base = base
    self.count = count
    self.owner = owner
  }

  /// The window on a part of this one; out of bounds is a programmer's mistake.
  @inlinable
  public subscript(range: Range<Int>) -> FloatView {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= count, "range \(range) is outside of 0..<\(count)")
    return FloatView(base: base + range.lowerBound, count: range.count, owner: owner)
  }

  @inlinable
  public subscript(index: Int) -> Float {
    get {
      precondition(index >= 0 && index < count, "index \(index) is outside of 0..<\(count)")
      return base[index]
    }
    nonmutating set {
      precondition(index >= 0 && index < count, "index \(index) is outside of 0..<\(count)")
      base[index] = newValue
    }
  }

  /// The same floats as bytes, for files, digests and messages.
  public var bytes: UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(start: base, count: count * MemoryLayout<Float>.stride)
  }

  /// The same floats, for kernels.
  package var elements: UnsafeMutableBufferPointer<Float> { UnsafeMutableBufferPointer(start: base, count: count) }

  /// Copies of the values, for tests and reports.
  public var array: [Float] { Array(UnsafeBufferPointer(start: base, count: count)) }

  /// Turns over the highest bit of the mantissa of the largest float, as failing memory does: for tests of what notices it.
  ///
  /// A smaller change may get lost in the rounding of a sum.
  package func flipBit() {
    guard let place = (0..<count).max(by: { abs(self[$0]) < abs(self[$1]) }) else { return }
    self[place] = Float(bitPattern: self[place].bitPattern ^ 1 << 22)
  }

  /// Overwrites this window with zeros.
  public func clear() { base.update(repeating: 0, count: count) }

  /// Overwrites this window with `values`, which must be as many.
  public func assign(_ values: [Float]) {
    precondition(values.count == count, "expected \(count) values, found \(values.count)")
    values.withUnsafeBufferPointer { if count > 0 { base.update(from: $0.baseAddress!, count: count) } }
  }

  /// Overwrites this window with the values of `other`, which must be as many and must not overlap.
  public func assign(_ other: FloatView) {
    precondition(other.count == count, "expected \(count) values, found \(other.count)")
    base.update(from: other.base, count: count)
  }
}
