/// Texts of one column, as ranges of bytes that they share with their neighbours: nothing is copied.
public struct TextCells: Sendable {
  /// UTF-8, or what the file has in its place.
  package let bytes: [UInt8]
  /// Where texts begin and end, two numbers a text, in an order that `first` and `stride` tell.
  package let bounds: [UInt32]
  /// The place in `bounds` of the first row's beginning.
  package let first: Int
  /// From a row's beginning to that of the next, at least 2.
  package let stride: Int
  /// How many rows.
  public let count: Int

  /// Row r is `bytes[bounds[first + r·stride] ..< bounds[first + r·stride + 1]]`.
  package init(bytes: [UInt8], bounds: [UInt32], first: Int = 0, stride: Int = 2, count: Int) {
    precondition(
      count == 0 || first + (count - 1) * stride + 1 < bounds.count, "\(bounds.count) bounds for \(count) rows")
    (self.bytes, self.bounds, self.first, self.stride, self.count) = (bytes, bounds, first, stride, count)
  }

  /// Texts that are in memory already.
  public init(_ texts: [String]) {
    var (bytes, bounds) = ([UInt8](), [UInt32]())
    for text in texts {
      bounds.append(UInt32(bytes.count))
      bytes += text.utf8
      bounds.append(UInt32(bytes.count))
    }
    self.init(bytes: bytes, bounds: bounds, count: texts.count)
  }

  /// Where a row's text lies in `bytes`.
  package func range(_ row: Int) -> Range<Int> {
    let place = first + row * stride
    return Int(bounds[place])..<Int(bounds[place + 1])
  }

  /// A row's text; what is no UTF-8 in it becomes U+FFFD.
  public subscript(row: Int) -> String { String(decoding: bytes[range(row)], as: UTF8.self) }
}
