// R rows and C columns of a slot: the first axis, and all others together; a slot of rank 1 has one column.

extension ParameterLayout.Slot {
  /// Whether a checkpoint has its numbers in another order than memory.
  package var isReordered: Bool { rowOrder != nil || columnOrder != nil }

  /// Overwrites `stored` with the slot's numbers as checkpoints and digests have them; `memory` must not overlap it.
  package func store(_ memory: FloatView, into stored: FloatView) {
    forEachPlace(memory, stored) { memory, stored in stored.pointee = memory.pointee }
  }

  /// Overwrites `memory` with numbers that are in a checkpoint's order: undoes `store`.
  package func load(_ stored: FloatView, into memory: FloatView) {
    forEachPlace(memory, stored) { memory, stored in memory.pointee = stored.pointee }
  }

  /// Calls `body` with every number's two places.
  private func forEachPlace(
    _ memory: FloatView, _ stored: FloatView, _ body: (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>) -> Void
  ) {
    let R = shape.extents.first ?? 1
    let C = shape.count / max(R, 1)
    precondition(memory.count == R * C && stored.count == R * C, "\(name) has \(R * C) numbers")
    let (rows, columns) = (rowOrder?.places ?? Array(0..<R), columnOrder?.places ?? Array(0..<C))
    for (row, memoryRow) in rows.enumerated() {
      let (from, to) = (memory.base + memoryRow * C, stored.base + row * C)
      for (column, memoryColumn) in columns.enumerated() { body(from + memoryColumn, to + column) }
    }
  }
}

extension ParameterLayout {
  /// The same places, stored in the order of memory: as checkpoints of format 1 have them.
  package var inMemoryOrder: ParameterLayout {
    var layout = self
    for slot in slots.indices { layout.setOrder(ofSlot: slot, rows: nil, columns: nil) }
    return layout
  }
}
