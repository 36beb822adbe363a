/// The bytes of a chunk's texts: those of the dictionary or page that they come from, without a copy where that is one.
struct TextBuilder {
  private(set) var bytes: [UInt8] = []
  /// Where the dictionary begins in them.
  private var dictionary: Int?

  /// Adds the dictionary, where it is not there yet; returns where it begins.
  mutating func place(ofDictionary texts: [UInt8]) throws -> Int {
    if let dictionary { return dictionary }
    let place = try add(texts)
    dictionary = place
    return place
  }

  /// Adds what lies between the first and the last of `ranges` in a page; returns how far they are moved by it.
  ///
  /// - Parameter isLast: whether the chunk needs nothing else.
  mutating func place(
    of page: [UInt8], _ ranges: UnsafePointer<ByteRange>, _ count: Int, isLast: Bool
  ) throws -> Int {
    guard count > 0 else { return 0 }
    if bytes.isEmpty, isLast {
      bytes = page
      return 0
    }
    let used = ranges[0].start..<ranges[count - 1].end
    return try add(page[used]) - used.lowerBound
  }

  /// Adds bytes; returns where they begin.
  mutating func add(_ more: ArraySlice<UInt8>) throws -> Int {
    try requireRoom(more.count)
    defer { bytes += more }
    return bytes.count
  }

  private mutating func add(_ more: [UInt8]) throws -> Int {
    try requireRoom(more.count)
    let place = bytes.count
    if place == 0 { bytes = more } else { bytes += more }
    return place
  }

  private func requireRoom(_ count: Int) throws {
    guard count <= Int(UInt32.max) - bytes.count else {
      throw Fault(
        "expected at most 4 GB of text in the rows that are read at a time, found more",
        cure: "leave it out of the columns")
    }
  }
}
