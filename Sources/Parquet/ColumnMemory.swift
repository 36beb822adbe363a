/// Memory that the columns of a file share while one after the other is read.
struct ColumnMemory {
  /// Packed bytes of a page.
  let packed = Scratch()
  /// Which rows are missing.
  let flags = Scratch()
  /// Places in a dictionary, or differences.
  let numbers = Scratch()
  /// Stored values before they are converted.
  let raw = Scratch()
  /// Where texts lie.
  let ranges = Scratch()

  /// Which of the rows that were read last are missing.
  func missing(_ rows: Int) -> [Bool] {
    Array(UnsafeBufferPointer(start: flags.values(rows, of: Bool.self), count: rows))
  }
}
