import Diagnostics
import Tables

/// The values of one column in one row group, from the first row on, some at a time: a page is in memory, and the dictionary.
final class ColumnReader {
  let type: FlatType
  private var pages: ColumnPages
  private var page: OpenPage?
  /// Rows of pages that are still to come.
  private var left: Int
  private(set) var dictionary: ColumnDictionary?
  let memory: ColumnMemory
  /// Values that are decoded before they are converted: what fits into the nearest cache.
  static let batch = 4096

  /// - Parameter rows: those of the row group.
  init(_ type: FlatType, _ pages: ColumnPages, rows: Int, memory: ColumnMemory) {
    (self.type, self.pages, left, self.memory) = (type, pages, rows, memory)
  }

  /// The next rows; as many must be left in the row group. Throws a `Fault`, or a `Failure` of reading.
  func next(_ rows: Int) throws -> RawColumn {
    switch type.meaning.type {
    case .number where type.width == 0: return try column(rows, 0, RawColumn.Values.numbers, decimals)
    case .number:
      return try column(rows, 0, RawColumn.Values.numbers) { page, count, values, _ in
        try self.fixed(&page, count, of: self.dictionary?.numbers, into: values) {
          try Conversion.numbers($0, $1, self.type, into: $2)
        }
      }
    case .integer: return try column(rows, 0, RawColumn.Values.integers, whole)
    case .instant: return try column(rows, 0, RawColumn.Values.instants, whole)
    case .day:
      return try column(rows, 0, RawColumn.Values.days) { page, count, values, _ in
        try self.fixed(&page, count, of: self.dictionary?.days, into: values) { Conversion.days($0, $1, into: $2) }
      }
    case .boolean: return try column(rows, false, RawColumn.Values.booleans) { try Self.truths(&$0, $1, into: $2, $3) }
    case .text: return try texts(rows)
    case .vector: preconditionFailure("a vector in Parquet")
    }
  }

  private func whole(
    _ page: inout OpenPage, _ count: Int, into values: UnsafeMutablePointer<Int64>, _ isLast: Bool
  ) throws {
    try fixed(&page, count, of: dictionary?.integers, into: values) {
      try Conversion.integers($0, $1, self.type, into: $2)
    }
  }

  /// Reads the values of rows that are there, page by page: their number, where they go, and whether the chunk needs no more.
  typealias Read<Value> = (inout OpenPage, Int, UnsafeMutablePointer<Value>, Bool) throws -> Void

  @inline(__always)
  private func column<Value: BitwiseCopyable>(
    _ rows: Int, _ filler: Value, _ make: ([Value]) -> RawColumn.Values, _ read: Read<Value>
  ) throws -> RawColumn {
    var hasMissing = false
    let values = try [Value](unsafeUninitializedCapacity: rows) { buffer, count in
      hasMissing = try fill(buffer.baseAddress!, rows, filler, read)
      count = rows
    }
    return RawColumn(make(values), isMissing: hasMissing ? memory.missing(rows) : [])
  }

  /// Overwrites `values` with those of the next rows; returns whether some are missing, which `memory.flags` then tells.
  @inline(__always)
  func fill<Value: BitwiseCopyable>(
    _ values: UnsafeMutablePointer<Value>, _ rows: Int, _ filler: Value, _ read: Read<Value>
  ) throws -> Bool {
    let flags = type.isOptional ? memory.flags.values(rows, of: Bool.self) : nil
    var (done, hasMissing) = (0, false)
    while done < rows {
      while self.page == nil || self.page?.left == 0 { try openPage() }
      // Taken out, so that it is not copied where it changes.
      guard var page = self.page.take() else { break }
      let part = min(rows - done, page.left)
      let missing = flags.map { $0 + done }
      let present = try page.present(part, into: missing)
      try read(&page, present, values + done, done + part == rows)
      spread(values + done, present, over: part, without: missing.map { UnsafePointer($0) }, filler: filler)
      hasMissing = hasMissing || present < part
      done += part
      self.page = page
    }
    return hasMissing
  }

  /// Goes on to the next page of values, over the dictionary.
  private func openPage() throws {
    while left > 0 {
      guard let next = try pages.next() else { throw Fault("expected \(left) more values in its pages, found none") }
      if next.isDictionary {
        guard dictionary == nil, page == nil else { throw Fault("expected one dictionary, found another one") }
        dictionary = try ColumnDictionary(next, type, memory)
        continue
      }
      guard next.count <= left else {
        throw Fault("expected at most \(left) more values in its pages, found \(next.count)")
      }
      left -= next.count
      page = try OpenPage(next, type)
      return
    }
    throw Fault("expected more values in its pages, found none")
  }
}

// MARK: - Values of fixed width

extension ColumnReader {
  /// Overwrites `values` with the next `count` of a page; `convert` turns stored ones into them.
  @inline(__always)
  private func fixed<Value: BitwiseCopyable>(
    _ page: inout OpenPage, _ count: Int, of dictionary: [Value]?, into values: UnsafeMutablePointer<Value>,
    convert: (UnsafeRawPointer, Int, UnsafeMutablePointer<Value>) throws -> Void
  ) throws {
    if case .plain(var cursor) = page.values, type.width > 0 {
      guard count <= cursor.left / type.width else { throw OpenPage.tooFew(count) }
      guard count > 0 else { return }
      try page.bytes.withUnsafeBytes { try convert($0.baseAddress! + cursor.position, count, values) }
      cursor.position += count * type.width
      page.values = .plain(cursor)
      return
    }
    var done = 0
    while done < count {
      let part = min(count - done, Self.batch)
      if case .dictionary(var places) = page.values {
        guard let dictionary else { throw Fault("expected a dictionary before the places in it, found none") }
        let numbers = memory.numbers.values(part, of: UInt32.self)
        try page.bytes.withUnsafeBytes { try places.next(part, of: $0, into: numbers) }
        page.values = .dictionary(places)
        try gather(numbers, part, of: dictionary, into: values + done)
      } else {
        try convert(try raw(&page, part), part, values + done)
      }
      done += part
    }
  }

  /// The next values of a page as PLAIN has them; they hold until others are asked for.
  private func raw(_ page: inout OpenPage, _ count: Int) throws -> UnsafeRawPointer {
    let raw = memory.raw.bytes(count * type.width).baseAddress!
    switch page.values {
    case .delta(var delta):
      let numbers = memory.numbers.values(count, of: Int64.self)
      try page.bytes.withUnsafeBytes { try delta.next(count, of: $0, into: numbers) }
      page.values = .delta(delta)
      guard type.width == 4 else { return UnsafeRawPointer(numbers) }
      let halves = raw.bindMemory(to: Int32.self, capacity: count)
      for index in 0..<count { halves[index] = Int32(truncatingIfNeeded: numbers[index]) }
    case .split(var split):
      try page.bytes.withUnsafeBytes { try split.next(count, of: $0, into: raw) }
      page.values = .split(split)
    case .prefixes:
      let ranges = memory.ranges.values(count, of: ByteRange.self)
      let texts = try page.ranges(count, type, into: ranges, memory.numbers) ?? []
      texts.withUnsafeBytes { raw.copyMemory(from: $0.baseAddress!, byteCount: count * type.width) }
    case .plain, .bits, .runs, .dictionary, .lengths: preconditionFailure("values of \(type)")
    }
    return UnsafeRawPointer(raw)
  }

  /// Decimals of as many bytes as each takes.
  private func decimals(
    _ page: inout OpenPage, _ count: Int, into values: UnsafeMutablePointer<Double>, _ isLast: Bool
  ) throws {
    if case .dictionary = page.values {
      return try fixed(&page, count, of: dictionary?.numbers, into: values) { _, _, _ in }
    }
    let ranges = memory.ranges.values(count, of: ByteRange.self)
    let own = try page.ranges(count, type, into: ranges, memory.numbers)
    try Conversion.decimals(own ?? page.bytes, ranges, count, type, into: values)
  }

  private static func truths(
    _ page: inout OpenPage, _ count: Int, into values: UnsafeMutablePointer<Bool>, _ isLast: Bool
  ) throws {
    let bytes = page.bytes
    try bytes.withUnsafeBytes { bytes in
      switch page.values {
      case .bits(let next, let end):
        guard count <= end - next else { throw OpenPage.tooFew(count) }
        _ = BitUnpacking.unpackFlags(
          bytes, from: next, count: count, isFlipped: false, into: UnsafeMutableRawPointer(values))
        page.values = .bits(next: next + count, end: end)
      case .runs(var runs):
        _ = try runs.nextFlags(count, of: bytes, isFlipped: false, into: UnsafeMutableRawPointer(values))
        page.values = .runs(runs)
      default: preconditionFailure("truths in \(page.values)")
      }
    }
  }
}
