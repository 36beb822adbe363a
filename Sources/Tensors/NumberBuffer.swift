/// One block of memory for numbers of any kind, all the same at first, freed with its owner: what `FlatBuffer` is to floats.
///
/// Sharing it between threads is allowed where they write different elements.
package final class NumberBuffer<Number: BitwiseCopyable & Sendable>: @unchecked Sendable {
  /// All of them. Whoever uses these keeps the buffer alive.
  package let elements: UnsafeMutableBufferPointer<Number>

  package init(count: Int, repeating value: Number) {
    precondition(count >= 0, "count must not be negative, found \(count)")
    // An address even where there are none.
    let memory = UnsafeMutableBufferPointer<Number>.allocate(capacity: max(1, count))
    memory.initialize(repeating: value)
    elements = UnsafeMutableBufferPointer(rebasing: memory[..<count])
  }

  deinit { elements.baseAddress?.deallocate() }

  /// The same memory as bytes, for messages.
  package var bytes: UnsafeMutableRawBufferPointer { UnsafeMutableRawBufferPointer(elements) }
}
