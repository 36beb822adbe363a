import Tables

extension ColumnReader {
  /// The next rows as texts.
  func texts(_ rows: Int) throws -> RawColumn {
    var (builder, hasMissing) = (TextBuilder(), false)
    let bounds = try [UInt32](unsafeUninitializedCapacity: 2 * rows) { buffer, filled in
      let ranges = UnsafeMutableRawPointer(buffer.baseAddress!).bindMemory(to: ByteRange.self, capacity: rows)
      hasMissing = try fill(ranges, rows, .empty) { page, count, ranges, isLast in
        if count > 0 { try self.read(&page, count, into: ranges, isLast: isLast, &builder) }
      }
      filled = 2 * rows
    }
    return RawColumn(
      .texts(TextCells(bytes: builder.bytes, bounds: bounds, count: rows)),
      isMissing: hasMissing ? memory.missing(rows) : [])
  }

  private func read(
    _ page: inout OpenPage, _ count: Int, into ranges: UnsafeMutablePointer<ByteRange>, isLast: Bool,
    _ builder: inout TextBuilder
  ) throws {
    let distance: Int
    if case .dictionary(var places) = page.values {
      guard let dictionary else { throw Fault("expected a dictionary before the places in it, found none") }
      let numbers = memory.numbers.values(Self.batch, of: UInt32.self)
      for start in stride(from: 0, to: count, by: Self.batch) {
        let part = min(Self.batch, count - start)
        try page.bytes.withUnsafeBytes { try places.next(part, of: $0, into: numbers) }
        try gather(numbers, part, of: dictionary.texts, into: ranges + start)
      }
      page.values = .dictionary(places)
      distance = try builder.place(ofDictionary: dictionary.bytes)
    } else {
      let source = try page.ranges(count, type, into: ranges, memory.numbers) ?? page.bytes
      let found = UnsafeBufferPointer(start: UnsafePointer(ranges), count: count)
      if type.meaning == .uuid {
        let (moved, texts) = uuidTexts(source, found)
        for index in 0..<count { ranges[index] = moved[index] }
        distance = try builder.place(of: texts, ranges, count, isLast: isLast)
      } else {
        if type.meaning == .text(isDeclared: false) { try requireUTF8(source, found) }
        distance = try builder.place(of: source, ranges, count, isLast: isLast)
      }
    }
    guard distance != 0 else { return }
    for index in 0..<count { ranges[index] = ranges[index].moved(by: distance) }
  }
}
