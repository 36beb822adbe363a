@testable import Parquet

/// Packs values as the format says, written plainly and a second time: what the decoders are checked against.
enum Packers {
  /// Numbers of `width` bits, the lowest first.
  static func bits(_ numbers: [UInt64], width: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: (numbers.count * width + 7) / 8)
    for (index, number) in numbers.enumerated() {
      for bit in 0..<width where number >> UInt64(bit) & 1 == 1 {
        let place = index * width + bit
        bytes[place / 8] |= 1 << UInt8(place % 8)
      }
    }
    return bytes
  }

  /// Runs of the given numbers: each repeated, or packed in groups of eight.
  static func runs(_ runs: [(numbers: [UInt64], isRepeated: Bool)], width: Int) -> [UInt8] {
    runs.reduce(into: []) { bytes, run in
      if run.isRepeated {
        bytes.append(varint: UInt64(run.numbers.count << 1))
        bytes += (0..<(width + 7) / 8).map { UInt8(truncatingIfNeeded: run.numbers[0] >> UInt64(8 * $0)) }
      } else {
        bytes.append(varint: UInt64((run.numbers.count / 8) << 1 | 1))
        bytes += bits(run.numbers, width: width)
      }
    }
  }

  /// Differences in blocks.
  static func deltas(_ numbers: [Int64], block: Int = 128, parts: Int = 4) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(varint: UInt64(block))
    bytes.append(varint: UInt64(parts))
    bytes.append(varint: UInt64(numbers.count))
    bytes.append(varint: zigzag(numbers.first ?? 0))
    let differences = zip(numbers.dropFirst(), numbers).map { $0 &- $1 }
    for start in stride(from: 0, to: differences.count, by: block) {
      let found = differences[start..<min(start + block, differences.count)]
      let least = found.min()!
      bytes.append(varint: zigzag(least))
      let size = block / parts
      let packed = stride(from: 0, to: block, by: size).map { part -> [UInt64] in
        found.dropFirst(part).prefix(size).map { UInt64(bitPattern: $0 &- least) }
      }
      let widths = packed.map { part in part.map { 64 - $0.leadingZeroBitCount }.max() ?? 0 }
      bytes += widths.map { UInt8($0) }
      for (part, width) in zip(packed, widths) where !part.isEmpty {
        bytes += bits(part + [UInt64](repeating: 0, count: size - part.count), width: width)
      }
    }
    return bytes
  }

  static func zigzag(_ value: Int64) -> UInt64 { UInt64(bitPattern: value << 1 ^ value >> 63) }
}

/// Random numbers that a seed decides (SplitMix64).
struct Random: RandomNumberGenerator {
  private var state: UInt64
  init(_ seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var bits = state
    bits = (bits ^ bits >> 30) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
    return bits ^ bits >> 31
  }
}
