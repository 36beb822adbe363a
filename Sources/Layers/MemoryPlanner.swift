/// Places tensors in one arena so that tensors that are needed at the same time share no memory.
///
/// Times are any integers; a tensor is needed from `first` to `last`, both included. Larger tensors are placed first,
/// each in the lowest gap that the tensors placed before it leave (Pisarchyk, Lee: *Efficient memory management for deep
/// neural net inference*, 2020, greedy by size).
struct MemoryPlanner {
  struct Tensor: Equatable {
    /// Floats.
    var count: Int
    var first: Int
    var last: Int
  }

  private(set) var tensors: [Tensor] = []

  /// Announces a tensor and returns its place.
  mutating func add(count: Int, first: Int, last: Int) -> Int {
    tensors.append(Tensor(count: count, first: first, last: last))
    return tensors.count - 1
  }

  /// Lengthens a tensor's life to include `time`.
  mutating func extend(_ tensor: Int, to time: Int) {
    tensors[tensor].first = min(tensors[tensor].first, time)
    tensors[tensor].last = max(tensors[tensor].last, time)
  }

  /// Offsets in floats, one a tensor, each a multiple of 16 (64 bytes), and the floats that the arena needs.
  func place() -> (offsets: [Int], count: Int) {
    var offsets = Array(repeating: 0, count: tensors.count)
    var placed: [Int] = []
    var end = 0
    for tensor in tensors.indices.sorted(by: { (tensors[$0].count, $1) > (tensors[$1].count, $0) }) {
      let neighbours = placed.filter {
        tensors[$0].first <= tensors[tensor].last && tensors[tensor].first <= tensors[$0].last
      }
      var offset = 0
      for other in neighbours.sorted(by: { offsets[$0] < offsets[$1] }) {
        if offset + padded(tensor) <= offsets[other] { break }
        offset = max(offset, offsets[other] + padded(other))
      }
      offsets[tensor] = offset
      placed.append(tensor)
      end = max(end, offset + padded(tensor))
    }
    return (offsets, end)
  }

  private func padded(_ tensor: Int) -> Int { (tensors[tensor].count + 15) / 16 * 16 }
}
