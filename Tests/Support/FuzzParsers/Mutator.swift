/// Random numbers that a seed and the number of an input decide (SplitMix64).
struct Randomness {
  private var state: UInt64

  init(seed: UInt64, input: Int) {
    state = seed &* 0xD134_2543_DE82_EF95 &+ UInt64(input)
    _ = next()
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var bits = state
    bits = (bits ^ bits >> 30) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
    return bits ^ bits >> 31
  }

  /// A number in 0..<bound; 0 where the bound is 0.
  mutating func below(_ bound: Int) -> Int { bound == 0 ? 0 : Int(next() % UInt64(bound)) }

  mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }
}

/// Makes damaged files of whole ones.
struct Mutator {
  private let corpus: [[UInt8]]
  private static let longest = 1 << 16

  /// - Parameter corpus: whole files, at least one.
  init(_ corpus: [[UInt8]]) { self.corpus = corpus }

  /// One of the files with one to four changes.
  func input(_ random: inout Randomness) -> [UInt8] {
    var bytes = random.pick(corpus)
    for _ in 0...random.below(4) { change(&bytes, &random) }
    return Array(bytes.prefix(Self.longest))
  }

  private func change(_ bytes: inout [UInt8], _ random: inout Randomness) {
    let place = random.below(bytes.count)
    let end = min(bytes.count, place + 1 + random.below(random.pick([4, 64, 4096])))
    switch random.below(10) {
    case 0 where !bytes.isEmpty: bytes[place] ^= 1 << UInt8(random.below(8))
    case 1 where !bytes.isEmpty: bytes[place] = random.pick(Self.bytes)
    case 2: bytes.removeLast(bytes.count - place)
    case 3: bytes.removeSubrange(place..<end)
    case 4: bytes.insert(contentsOf: bytes[place..<end], at: random.below(bytes.count + 1))
    case 5: bytes.insert(contentsOf: (0...random.below(8)).map { _ in random.pick(Self.bytes) }, at: place)
    case 6:
      let other = random.pick(corpus)
      bytes = Array(bytes[..<place] + other[random.below(other.count)...])
    case 7: setLength(&bytes, &random)
    case 8: setNumber(&bytes, &random)
    default:
      let copies = random.below(random.pick([4, 64, Self.longest]) / max(1, end - place) + 1)
      bytes.insert(contentsOf: (0..<copies).flatMap { _ in bytes[place..<end] }, at: place)
    }
  }

  /// Overwrites four or eight bytes, most often near the front, where headers keep their lengths.
  private func setLength(_ bytes: inout [UInt8], _ random: inout Randomness) {
    let place = random.below(random.below(4) > 0 ? min(24, bytes.count) : bytes.count)
    let value = random.pick(Self.lengths)
    let width = random.pick([4, 8])
    let isBigEndian = random.below(2) == 0
    for index in 0..<width where place + index < bytes.count {
      bytes[place + index] = UInt8(truncatingIfNeeded: value >> UInt64(8 * (isBigEndian ? width - 1 - index : index)))
    }
  }

  /// Writes an extreme number in place of one in the text.
  private func setNumber(_ bytes: inout [UInt8], _ random: inout Randomness) {
    let from = random.below(bytes.count)
    guard let start = bytes[from...].firstIndex(where: Self.isDigit) else { return }
    let end = bytes[start...].firstIndex { !Self.isDigit($0) } ?? bytes.count
    bytes.replaceSubrange(start..<end, with: Array(random.pick(Self.numbers).utf8))
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }

  private static let bytes: [UInt8] =
    [0, 1, 4, 8, 0x0D, 0x1B, 0x1F, 0x7F, 0x80, 0x8B, 0xC3, 0xED, 0xF5, 0xFE, 0xFF]
    + Array(" \n\r\t\"',:;{}[]\\-+.eE019&*#|>!%@?".utf8)

  private static let lengths: [UInt64] = [
    0, 1, 2, 7, 8, 255, 65_535, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0x1_0000_0000, 99_999_999, 100_000_000,
    0x7FFF_FFFF_FFFF_FFFF, 0x8000_0000_0000_0000, 0xFFFF_FFFF_FFFF_FFFF,
  ]

  private static let numbers = [
    "0", "-0", "-1", "1", "2", "65", "4294967295", "4294967296", "9223372036854775807", "9223372036854775808",
    "-9223372036854775808", "18446744073709551616", "1e999", "-1e999", "1e-999", "1e9223372036854775808", "nan", "inf",
    "0x10", "1_0", String(repeating: "9", count: 400), "0." + String(repeating: "0", count: 400) + "1",
  ]
}
