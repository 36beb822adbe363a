import Tensors

/// A number for each row that the seed alone decides, the same for any order of asking.
struct RowKeys {
  private let philox: Philox
  private let stream: UInt64

  /// - Parameter stream: 0 for how rows are divided, 1 for which are drawn once more or less.
  init(seed: UInt64, stream: UInt64 = 0) {
    (philox, self.stream) = (Philox(seed: seed, purpose: .split), stream)
  }

  subscript(row: Int) -> UInt64 {
    let words = philox.block(stream: stream, index: UInt64(row))
    return UInt64(words.x) << 32 | UInt64(words.y)
  }

  /// The keys of rows that are asked for from the first to the last, some of which are left out.
  struct Pass: ~Copyable {
    private let keys: RowKeys
    private let block = UnsafeMutableBufferPointer<UInt64>.allocate(capacity: 4096)
    /// The row of the first of them; no row has a negative one.
    private var first = Int.min / 2

    init(_ keys: RowKeys) { self.keys = keys }

    deinit { block.deallocate() }

    mutating func key(of row: Int) -> UInt64 {
      if row - first >= block.count || row < first {
        first = row
        keys.philox.fill(block, stream: keys.stream, from: UInt64(row))
      }
      return block[row - first]
    }
  }
}
