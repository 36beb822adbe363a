import Tensors

/// Predictions as bytes, by which one rank hands them to another.
extension Predictions {
  /// All that they are: counts, then numbers and classes, then problems in the order of their rows, then what columns hold.
  package var encoded: [UInt8] {
    var writer = ByteWriter()
    for count in [count, numbers.count, classes.count, problems.count, kept.count] { writer.put(count) }
    writer.bytes.append(contentsOf: UnsafeRawBufferPointer(numbers.bytes))
    for place in classes { writer.put(place) }
    for (row, problem) in problems.sorted(by: { $0.key < $1.key }) {
      writer.put(row)
      writer.put(problem)
    }
    for column in kept { for text in column { writer.put(text) } }
    return writer.bytes
  }

  /// Those that `encoded` gave on another rank of the same program.
  package init(encoded bytes: UnsafeRawBufferPointer) {
    var reader = ByteCursor(bytes: bytes)
    let (count, width, classCount) = (reader.number(), reader.number(), reader.number())
    let (problemCount, keptCount) = (reader.number(), reader.number())
    let numbers = FlatBuffer(count: width)
    numbers.view.bytes.copyMemory(from: reader.take(width * MemoryLayout<Float>.stride))
    let classes = (0..<classCount).map { _ in reader.number() }
    var problems: [Int: String] = [:]
    for _ in 0..<problemCount {
      let row = reader.number()
      problems[row] = reader.text() ?? ""
    }
    let kept = (0..<keptCount).map { _ in (0..<count + problemCount).map { _ in reader.text() } }
    self.init(numbers: numbers.view, classes: classes, count: count, problems: problems, kept: kept)
  }
}

private struct ByteWriter {
  var bytes: [UInt8] = []

  mutating func put(_ number: Int) {
    withUnsafeBytes(of: Int64(number)) { bytes.append(contentsOf: $0) }
  }

  /// Its length, or -1 where there is none, and its UTF-8.
  mutating func put(_ text: String?) {
    put(text?.utf8.count ?? -1)
    if let text { bytes.append(text: text) }
  }
}

private struct ByteCursor {
  let bytes: UnsafeRawBufferPointer
  var place = 0

  mutating func take(_ count: Int) -> UnsafeRawBufferPointer {
    defer { place += count }
    return UnsafeRawBufferPointer(rebasing: bytes[place..<place + count])
  }

  mutating func number() -> Int { Int(take(8).loadUnaligned(as: Int64.self)) }

  mutating func text() -> String? {
    let length = number()
    return length < 0 ? nil : String(decoding: take(length), as: UTF8.self)
  }
}
