import Diagnostics

/// An array of NumPy as columns: one where it has one dimension, one for each of the second where it has two, or then one of
/// vectors, its rows.
final class NumpyArray {
  /// What messages call it.
  let place: String
  let rows: Int
  /// How many columns.
  let width: Int
  let type: NumpyType
  /// Whether it has one dimension.
  let isSingle: Bool

  private let start: Int
  /// Whether the elements of a column are neighbours, else those of a row.
  private let isColumnMajor: Bool
  /// One for all columns, or one for each of them.
  private var sources: [any ArrayBytes]

  private static let mostColumns = 100_000
  private static let mostRowBytes = 64 << 20
  /// Columns one behind the other that can be read side by side from packed bytes.
  private static let mostSideBySide = 256

  /// - Parameter open: makes the array's bytes, from their beginning.
  ///
  /// Throws bad data (65) where the bytes are no array of one or two dimensions of elements that have a place in a table.
  init(at place: String, isPacked: Bool, open: () throws -> any ArrayBytes) throws {
    self.place = place
    let bytes = try open()
    let header = try NumpyHeader(bytes, at: place)
    guard let word = header.type else { preconditionFailure("a header without a type") }
    type = try NumpyType(word, at: place)
    start = header.start
    guard let first = header.shape.first, header.shape.count <= 2 else {
      throw Failure(
        .badData, at: place, "expected an array of 1 or 2 dimensions, found \(header.shape.count)",
        cure: header.shape.isEmpty ? "leave it out" : "save array.reshape(len(array), -1)")
    }
    rows = first
    isSingle = header.shape.count == 1
    width = header.shape.count == 2 ? header.shape[1] : 1
    guard 1...Self.mostColumns ~= width, width * type.width <= Self.mostRowBytes else {
      throw Failure(
        .badData, at: place,
        "expected 1 to \(Self.mostColumns) columns, and \(Self.mostRowBytes) bytes a row at most, found \(width) columns of "
          + "\(type.width) bytes", cure: "check the shape of the array")
    }
    let (size, isTooLarge) = rows.multipliedReportingOverflow(by: width * type.width)
    guard !isTooLarge, size == bytes.size - start else {
      throw Failure(
        .badData, at: place,
        "expected \(isTooLarge ? "fewer" : "\(size)") bytes of elements, for \(header.shape.map(String.init).joined(separator: "×")), "
          + "found \(bytes.size - start)", cure: "fetch the file again, or save the array alone")
    }
    isColumnMajor = header.isFortran && header.shape.count == 2
    guard isColumnMajor, isPacked else {
      sources = [bytes]
      return
    }
    guard width <= Self.mostSideBySide else {
      throw Failure(
        .badData, at: place,
        "expected at most \(Self.mostSideBySide) packed columns in Fortran's order, found \(width)",
        cure: "save it by numpy.savez, or in C's order (numpy.ascontiguousarray)")
    }
    sources = try (0..<width).map { _ in try open() }
  }

  /// Appends rows from `first` on, as many as `count`, which must be there.
  ///
  /// - Parameters:
  ///   - columns: what they are appended to, one for each column of the array; nil: it is passed over.
  ///   - vectors: is overwritten with the rows of numbers, row-major; nil: they are not wanted.
  func read(
    _ first: Int, _ count: Int, to columns: inout [RawColumnBuilder?], vectors: UnsafeMutablePointer<Double>? = nil,
    fault: (_ row: Int, _ column: Int, _ reason: String) -> Void
  ) throws {
    let size = count * type.width * (isColumnMajor ? 1 : width)
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, size), alignment: 64)
    defer { memory.deallocate() }
    let part = UnsafeMutableRawBufferPointer(rebasing: memory[..<size])
    if !isColumnMajor { try sources[0].read(into: part, at: start + first * type.width * width) }
    if let vectors, !isColumnMajor {
      let all = NumpyElements(
        type: type, bytes: UnsafeRawBufferPointer(part), stride: type.width, count: count * width)
      all.write(to: vectors, step: 1)
    }
    for column in 0..<width where columns[column] != nil || isColumnMajor && vectors != nil {
      let skipped = isColumnMajor ? 0 : column * type.width
      if isColumnMajor {
        try sources[column % sources.count].read(into: part, at: start + (column * rows + first) * type.width)
      }
      let elements = NumpyElements(
        type: type, bytes: UnsafeRawBufferPointer(rebasing: part[skipped...]),
        stride: isColumnMajor ? type.width : type.width * width, count: count)
      if let vectors, isColumnMajor { elements.write(to: vectors + column, step: width) }
      if columns[column] != nil { elements.append(to: &columns[column]!) { fault($0, column, $1) } }
    }
  }
}
