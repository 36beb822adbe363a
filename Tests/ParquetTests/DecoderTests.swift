import Testing

@testable import Parquet

/// Each way of packing, against a packer that is written plainly, and examples of the format's own text.
@Suite struct DecoderTests {
  private func decodeRuns(_ bytes: [UInt8], width: Int, parts: [Int]) throws -> [UInt32] {
    var decoder = try RunLengthDecoder(0..<bytes.count, width: width)
    return try parts.flatMap { part in
      try [UInt32](unsafeUninitializedCapacity: max(1, part)) { buffer, count in
        try bytes.withUnsafeBytes { try decoder.next(part, of: $0, into: buffer.baseAddress!) }
        count = part
      }
    }
  }

  /// 0 to 7 in three bits each: `10001000 11000110 11111010`.
  @Test func theExampleOfTheFormat() throws {
    #expect(Packers.bits(Array(0..<8), width: 3) == [0b1000_1000, 0b1100_0110, 0b1111_1010])
    #expect(try decodeRuns([3, 0b1000_1000, 0b1100_0110, 0b1111_1010], width: 3, parts: [8]) == Array(0..<8))
    // A hundred ones.
    #expect(try decodeRuns([200, 1, 1], width: 1, parts: [100]) == [UInt32](repeating: 1, count: 100))
  }

  @Test(arguments: 0...32) func runsOfEveryWidth(width: Int) throws {
    var random = Random(UInt64(width))
    let runs = (0..<20).map { _ -> (numbers: [UInt64], isRepeated: Bool) in
      let isRepeated = Bool.random(using: &random)
      let count = isRepeated ? Int.random(in: 1...300, using: &random) : 8 * Int.random(in: 1...30, using: &random)
      let mask = (UInt64(1) << UInt64(width)) - 1
      let first = random.next() & mask
      return ((0..<count).map { _ in isRepeated ? first : random.next() & mask }, isRepeated)
    }
    let all = runs.flatMap(\.numbers).map { UInt32($0) }
    let bytes = Packers.runs(runs, width: width)
    for step in [1, 3, 8, 64, 1000, all.count] {
      let parts = stride(from: 0, to: all.count, by: step).map { min(step, all.count - $0) }
      #expect(try decodeRuns(bytes, width: width, parts: parts) == all, "in parts of \(step)")
    }
    #expect(throws: Fault.self) { try decodeRuns(bytes, width: width, parts: [all.count + 1]) }
  }

  @Test func flagsOfRuns() throws {
    var random = Random(1)
    let runs = (0..<40).map { _ -> (numbers: [UInt64], isRepeated: Bool) in
      let isRepeated = Bool.random(using: &random)
      let count = isRepeated ? Int.random(in: 1...50, using: &random) : 8 * Int.random(in: 1...9, using: &random)
      let first = random.next() & 1
      return ((0..<count).map { _ in isRepeated ? first : random.next() & 1 }, isRepeated)
    }
    let (all, bytes) = (runs.flatMap(\.numbers), Packers.runs(runs, width: 1))
    for step in [1, 3, 7, 8, 9, 64, all.count] {
      for isFlipped in [false, true] {
        var (decoder, found, ones) = (try RunLengthDecoder(0..<bytes.count, width: 1), [UInt8](), 0)
        for start in stride(from: 0, to: all.count, by: step) {
          let count = min(step, all.count - start)
          found += try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            ones += try bytes.withUnsafeBytes {
              try decoder.nextFlags(
                count, of: $0, isFlipped: isFlipped, into: UnsafeMutableRawPointer(buffer.baseAddress!))
            }
            filled = count
          }
        }
        #expect(found == all.map { UInt8($0) ^ (isFlipped ? 1 : 0) } && ones == all.filter { $0 == 1 }.count)
      }
    }
    // A run of twos is no level.
    var decoder = try RunLengthDecoder(0..<2, width: 1)
    var flags: [UInt8] = [9, 9]
    #expect(throws: Fault.self) {
      try ([4, 2] as [UInt8]).withUnsafeBytes { bytes in
        try flags.withUnsafeMutableBytes {
          _ = try decoder.nextFlags(2, of: bytes, isFlipped: false, into: $0.baseAddress!)
        }
      }
    }
  }

  private func decodeDeltas(_ bytes: [UInt8], parts: [Int]) throws -> (numbers: [Int64], end: Int) {
    try bytes.withUnsafeBytes { raw in
      var decoder = try DeltaDecoder(0..<bytes.count, of: raw)
      let end = try decoder.end(in: raw)
      let numbers = try parts.flatMap { part in
        try [Int64](unsafeUninitializedCapacity: max(1, part)) { buffer, count in
          try decoder.next(part, of: raw, into: buffer.baseAddress!)
          count = part
        }
      }
      return (numbers, end)
    }
  }

  /// 7, 5, 3, 1, 2, 3, 4, 5: differences of -2 and 1.
  @Test func theExampleOfDifferences() throws {
    let numbers: [Int64] = [7, 5, 3, 1, 2, 3, 4, 5]
    let bytes = Packers.deltas(numbers)
    #expect(Array(bytes.prefix(5)) == [0x80, 1, 4, 8, 14])
    #expect(try decodeDeltas(bytes, parts: [8]) == (numbers, bytes.count))
  }

  @Test(arguments: [0, 1, 2, 32, 33, 128, 129, 130, 1000]) func differencesOfEveryWidth(count: Int) throws {
    var random = Random(UInt64(count))
    for width in [0, 1, 2, 7, 8, 31, 32, 33, 56, 57, 58, 63, 64] {
      for (block, parts) in [(128, 4), (128, 1), (256, 8), (8, 1)] {
        let mask = width == 64 ? UInt64.max : (1 << UInt64(width)) - 1
        let numbers = (0..<count).map { _ in Int64(bitPattern: random.next() & mask) }
        let bytes = Packers.deltas(numbers, block: block, parts: parts) + [1, 2, 3]
        for step in [1, 5, 64, max(1, count)] {
          let parts = stride(from: 0, to: count, by: step).map { min(step, count - $0) }
          let found = try decodeDeltas(bytes, parts: parts)
          #expect(found.numbers == numbers && found.end == bytes.count - 3, "\(width) bits, blocks of \(block)")
        }
        #expect(throws: Fault.self) { try decodeDeltas(bytes, parts: [count + 1]) }
      }
    }
  }

  @Test func decimalsAreTheNearestDoubles() throws {
    #expect(DecimalNumber.value(12345, scale: 2) == 123.45 && DecimalNumber.value(-1, scale: 0) == -1)
    #expect(DecimalNumber.value(.max, scale: 18) == 9.223372036854775807 && DecimalNumber.value(1, scale: 30) == 1e-30)
    #expect(DecimalNumber.value(.min, scale: 3) == -9223372036854775.808)
    func value(_ bytes: [UInt8], _ scale: Int) throws -> Double {
      try bytes.withUnsafeBytes { try DecimalNumber.value(bigEndian: $0, scale: scale) }
    }
    #expect(try value([0xFF], 1) == -0.1 && value([0x30, 0x39], 2) == 123.45 && value([0x80], 0) == -128)
    let ones = [UInt8](repeating: 0xFF, count: 16)
    #expect(try value(ones, 5) == -1e-5 && value([0x80] + [UInt8](repeating: 0, count: 15), 0) == -0x1p127)
    #expect(try value([0] + ones, 0) == 0x1p128 && value([1] + [UInt8](repeating: 0, count: 31), 10) == 0x1p248 / 1e10)
    #expect(throws: Fault.self) { try value([], 0) }
    #expect(throws: Fault.self) { try value([UInt8](repeating: 1, count: 33), 0) }
  }
}
