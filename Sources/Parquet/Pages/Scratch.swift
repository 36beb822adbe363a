/// Memory that is used again and again, and grows to the most that is asked of it.
final class Scratch {
  private var memory = UnsafeMutableRawBufferPointer(start: nil, count: 0)

  deinit { memory.deallocate() }

  /// Memory for so many bytes, aligned for any value; what was in it is lost where it has to grow.
  func bytes(_ count: Int) -> UnsafeMutableRawBufferPointer {
    if memory.count < count || memory.baseAddress == nil {
      memory.deallocate()
      memory = .allocate(byteCount: max(count, 64), alignment: 64)
    }
    return UnsafeMutableRawBufferPointer(rebasing: memory[..<count])
  }

  /// Memory for so many values.
  func values<Value: BitwiseCopyable>(_ count: Int, of type: Value.Type = Value.self) -> UnsafeMutablePointer<Value> {
    bytes(count * MemoryLayout<Value>.stride).baseAddress!.bindMemory(to: type, capacity: count)
  }
}
