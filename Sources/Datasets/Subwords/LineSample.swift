/// Lines of a text that a vocabulary is learned from: all of them, or so many that they are about `limit` bytes, evenly spread.
///
/// A line is taken where the taken ones are no larger a share of `limit` than all before it are of the text: a rule of bytes
/// alone.
package struct LineSample {
  /// Without their breaks; empty ones are left out.
  package private(set) var lines: [[UInt8]] = []
  private let total: Int
  private let limit: Int
  private var seen = 0
  private var taken = 0

  /// Longer ones are cut.
  private static let longest = 1 << 16

  /// - Parameter total: bytes of the whole text.
  package init(ofTotal total: Int, limit: Int) { (self.total, self.limit) = (total, limit) }

  /// Adds UTF-8 that ends with a line, or with the text.
  package mutating func add(_ text: UnsafeBufferPointer<UInt8>) {
    var start = 0
    while start < text.count {
      let end = text[start...].firstIndex(of: UInt8(ascii: "\n")) ?? text.count
      var first = start
      while first < end {
        var last = min(first + Self.longest, end)
        // Not within a character.
        while last < end, last > first + 1, text[last] & 0xC0 == 0x80 { last -= 1 }
        add(line: UnsafeBufferPointer(rebasing: text[first..<last]))
        first = last
      }
      seen += 1
      start = end + 1
    }
  }

  private mutating func add(line: UnsafeBufferPointer<UInt8>) {
    defer { seen += line.count }
    guard total <= limit || Double(taken) * Double(total) <= Double(seen) * Double(limit) else { return }
    taken += line.count + 1
    lines.append(Array(line))
  }
}
