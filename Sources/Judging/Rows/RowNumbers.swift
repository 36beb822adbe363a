import Files
import Tensors

/// Numbers of rows that are read and never written, in memory or in a mapped file, kept alive with whoever holds them.
public struct RowNumbers<Element: BitwiseCopyable & Sendable>: @unchecked Sendable {
  package let elements: UnsafeBufferPointer<Element>
  private let owner: AnyObject

  /// A copy of an array.
  public init(_ array: [Element]) {
    guard let first = array.first else {
      let buffer = NumberBuffer<UInt8>(count: 0, repeating: 0)
      (owner, elements) = (buffer, UnsafeBufferPointer(start: nil, count: 0))
      return
    }
    let buffer = NumberBuffer(count: array.count, repeating: first)
    _ = buffer.elements.update(from: array)
    (owner, elements) = (buffer, UnsafeBufferPointer(buffer.elements))
  }

  public var count: Int { elements.count }
  @inline(__always)
  public subscript(place: Int) -> Element { elements[place] }
}

extension RowNumbers where Element: ArrayElement {
  /// Those of an array file, which stay on disk until they are asked for.
  public init(_ mapped: MappedArray<Element>) {
    // The memory lives as long as its owner.
    (owner, elements) = (mapped, mapped.withUnsafeBufferPointer { $0 })
  }
}
