import Diagnostics
import Files

/// What a file in the format of NumPy says of its array: `{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }`.
struct NumpyHeader {
  /// The type of an element, in NumPy's words; nil where it is a record of several.
  private(set) var type: String?
  private(set) var isFortran = false
  private(set) var shape: [Int] = []
  /// Where the elements begin.
  let start: Int

  private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
  private static let longest = 1 << 16

  /// Reads the front of a file, which `place` names in messages.
  init(_ bytes: any ArrayBytes, at place: String) throws {
    func read(_ range: Range<Int>) throws -> [UInt8] {
      guard range.upperBound <= bytes.size else { throw Self.damaged(place) }
      return try [UInt8](unsafeUninitializedCapacity: range.count) { buffer, count in
        try bytes.read(into: UnsafeMutableRawBufferPointer(buffer), at: range.lowerBound)
        count = range.count
      }
    }
    guard bytes.size >= 10 else { throw Self.damaged(place) }
    let front = LittleEndian(try read(0..<10))
    guard front.bytes.starts(with: Self.magic) else { throw Self.damaged(place) }
    let version = front.bytes[6]
    guard 1...3 ~= version else {
      throw Failure(
        .badData, at: place, "expected version 1, 2 or 3 of the format of NumPy, found \(version)",
        cure: "write the file again by numpy.save")
    }
    let isLong = version > 1
    let length =
      isLong ? Int(front.uint16(8)) + Int(LittleEndian(try read(10..<12)).uint16(0)) << 16 : Int(front.uint16(8))
    guard length <= Self.longest else { throw Self.damaged(place) }
    let begin = isLong ? 12 : 10
    start = begin + length
    var literal = PythonLiteral(try read(begin..<start))
    guard try parse(&literal, place) else { throw Self.damaged(place) }
  }

  private mutating func parse(_ literal: inout PythonLiteral, _ place: String) throws -> Bool {
    var keys: Set<String> = []
    guard literal.take("{") else { return false }
    while !literal.take("}") {
      guard let key = literal.text(), keys.insert(key).inserted, literal.take(":") else { return false }
      switch key {
      case "descr":
        if literal.take("[") {
          throw Failure(
            .badData, at: place, "expected an array of single values, found one of records",
            cure: "save its fields as arrays of their own, by numpy.savez")
        }
        type = literal.text()
        guard type != nil else { return false }
      case "fortran_order":
        isFortran = literal.take("True")
        guard isFortran || literal.take("False") else { return false }
      case "shape":
        guard let found = literal.tuple() else { return false }
        shape = found
      default: return false
      }
      guard literal.take(",") || literal.isAt("}") else { return false }
    }
    return keys.count == 3 && literal.isAtEnd
  }

  private static func damaged(_ place: String) -> Failure {
    Failure(
      .badData, at: place, "expected an array in the format of NumPy, found another file, or a damaged one",
      cure: "check that this is the right file, and all of it")
  }
}

/// The part of Python's literals that such a header is written in.
private struct PythonLiteral {
  private let bytes: [UInt8]
  private var place = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { bytes[place...].allSatisfy(Self.isBlank) }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d }

  private mutating func skipBlanks() { while place < bytes.count, Self.isBlank(bytes[place]) { place += 1 } }

  mutating func isAt(_ word: StaticString) -> Bool {
    skipBlanks()
    let count = word.utf8CodeUnitCount
    return bytes.count - place >= count && (0..<count).allSatisfy { bytes[place + $0] == word.utf8Start[$0] }
  }

  /// Passes over a word where it stands next.
  mutating func take(_ word: StaticString) -> Bool {
    guard isAt(word) else { return false }
    place += word.utf8CodeUnitCount
    return true
  }

  /// A text in quotes of either kind, without escapes.
  mutating func text() -> String? {
    let quote: UInt8
    if take("'") { quote = 0x27 } else if take("\"") { quote = 0x22 } else { return nil }
    guard let end = bytes[place...].firstIndex(of: quote) else { return nil }
    defer { place = end + 1 }
    let text = String(validating: bytes[place..<end], as: UTF8.self)
    return text.flatMap { $0.contains("\\") ? nil : $0 }
  }

  /// `()`, `(3,)`, `(3, 4)`, with the `L` that Python 2 wrote.
  mutating func tuple() -> [Int]? {
    guard take("(") else { return nil }
    var numbers: [Int] = []
    while !take(")") {
      skipBlanks()
      let digits = bytes[place...].prefix { 0x30...0x39 ~= $0 }
      guard let number = Int(String(decoding: digits, as: UTF8.self)), numbers.count < 32 else { return nil }
      numbers.append(number)
      place += digits.count
      _ = take("L")
      guard take(",") || isAt(")") else { return nil }
    }
    return numbers
  }
}
