import CKernels
import Synchronization
import Tensors

// C = A · B; A has M rows, B is K×N.

/// The second factor of products, packed once for all of them while its numbers stay as they are.
///
/// Every product packs its factors, so that its loops read them in order: of M rows of A, packing B takes about one part in M of the
/// time. Threads share the copy, and none waits for it: the first one that wants it packs it, and what others multiply meanwhile packs
/// B for itself, as a product does that has no copy. Packing moves numbers: the bits are the same.
///
/// ```
/// closed ──open──► stale ──first product──► being packed ──► ready
///    ▲               │                                          │
///    └───────────────┴──────────────────close───────────────────┘
/// ```
///
/// There is a copy between `open` and `close` alone, when nobody may write B; whoever opens it again has it packed anew.
package final class PackedFactor: @unchecked Sendable {
  private let factor: Matrix
  private let precision: NumberFormat
  /// What it is packed for.
  private let path = ck_product_path()
  private let memory: FloatView
  private let state = Atomic<UInt8>(State.closed)
  private let packingCount = Atomic<Int>(0)

  private enum State {
    static let closed: UInt8 = 0
    static let stale: UInt8 = 1
    static let packing: UInt8 = 2
    static let ready: UInt8 = 3
  }

  /// Of `factor` in products of `precision`, for the instruction set that this thread computes with; closed. `memory` is what
  /// `count` says.
  package init(_ factor: Matrix, in precision: NumberFormat, memory: FloatView) {
    let needed = Self.count(factor, precision)
    precondition(memory.count == needed, "\(needed) floats of memory, found \(memory.count)")
    (self.factor, self.precision, self.memory) = (factor, precision, memory)
  }

  /// How often it has been packed.
  package var packings: Int { packingCount.load(ordering: .relaxed) }

  /// From here on products may use it, until it is closed: the numbers of the factor are those that it will have. What was packed
  /// before is forgotten. No product may be under way that has it.
  package func open() { state.store(State.stale, ordering: .releasing) }

  /// From here on no product uses it. None may be under way that has it.
  package func close() { state.store(State.closed, ordering: .releasing) }

  /// What loops read, which is packed if need be; none where this is closed, or another thread is packing it.
  func packed(as factor: Matrix, in precision: NumberFormat) -> ck_packed {
    precondition(
      factor.hasMemory(of: self.factor) && precision == self.precision,
      "a packed \(self.factor.rows)×\(self.factor.columns) in \(self.precision) for another factor, "
        + "\(factor.rows)×\(factor.columns) in \(precision)")
    let none = ck_packed(base: nil, path: 0)
    guard ck_product_path() == path else { return none }
    // Whoever sees that it is ready sees what was packed.
    if state.load(ordering: .acquiring) != State.ready {
      guard state.compareExchange(expected: State.stale, desired: State.packing, ordering: .acquiring).exchanged
      else { return none }
      pack()
      packingCount.add(1, ordering: .relaxed)
      state.store(State.ready, ordering: .releasing)
    }
    return ck_packed(base: memory.base, path: path)
  }

  private func pack() { Kernels.pack(factor, in: precision, into: memory) }

  /// Floats that a packed factor takes, for the instruction set that this thread computes with.
  package static func count(_ factor: Matrix, _ precision: NumberFormat) -> Int {
    let (K, N) = (Int64(factor.rows), Int64(factor.columns))
    return switch precision {
    case .float32: Int(ck_product_packed_count(K, N))
    case .bfloat16: Int(ck_bfloat16_packed_count(K, N))
    }
  }
}

extension Kernels {
  /// Packs a second factor as products of this thread's instruction set read it. Where this thread leads a crew, its members pack some
  /// panels each.
  static func pack(_ factor: Matrix, in precision: NumberFormat, into memory: FloatView) {
    let (K, N) = (factor.rows, factor.columns)
    let task = (factor: factor, to: memory.base, K: K, precision: precision)
    Crew.split(N, cost: K * N / 8, unit: Int(CK_PACKED_COLUMNS), over: task) { task, part in
      let (K, first, count) = (Int64(task.K), Int64(part.lowerBound), Int64(part.count))
      switch task.precision {
      case .float32:
        ck_product_pack(K, first, count, task.factor.factor, task.to + Int(ck_product_packed_count(K, first)))
      case .bfloat16:
        ck_bfloat16_pack(K, first, count, task.factor.bfloat16Factor, task.to + Int(ck_bfloat16_packed_count(K, first)))
      }
    }
  }
}
