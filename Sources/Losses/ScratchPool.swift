import Synchronization
import Tensors

/// Memory that a loss wants while it is computed, a piece for each thread that computes one: made once, and then used again, so
/// that steps of training allocate nothing.
final class ScratchPool: Sendable {
  final class Memory: @unchecked Sendable {
    let floats: FlatBuffer
    private let numbers: NumberBuffer<Int32>
    /// As many as floats.
    var classes: UnsafeMutableBufferPointer<Int32> { numbers.elements }

    init(count: Int) { (floats, numbers) = (FlatBuffer(count: count), NumberBuffer(count: count, repeating: 0)) }
  }

  private let free = Mutex<[Memory]>([])

  /// Calls `body` with room for `count` numbers at least; what is in it is left over.
  func with<Result>(count: Int, _ body: (Memory) -> Result) -> Result {
    let memory = free.withLock { free -> Memory? in
      free.lastIndex { $0.floats.view.count >= count }.map { free.remove(at: $0) }
    }
    let own = memory ?? Memory(count: count)
    defer { free.withLock { $0.append(own) } }
    return body(own)
  }
}
