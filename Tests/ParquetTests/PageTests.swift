import Tables
import Testing

@testable import Parquet

/// What no writer at hand writes any more.
@Suite struct PageTests {
  /// Hadoop's form of LZ4: blocks behind their sizes; and the bare block that some have written under the same name.
  @Test func oldFormsOfLZ4() throws {
    func unpacked(_ packed: [UInt8], _ count: Int) throws -> String {
      let bytes = try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
        try packed.withUnsafeBytes {
          try Codec.lz4Framed.unpack(
            $0, into: UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[..<count]))
        }
        filled = count
      }
      return String(decoding: bytes, as: UTF8.self)
    }
    func block(_ text: String) -> [UInt8] { [UInt8(text.utf8.count << 4)] + Array(text.utf8) }
    let framed = [0, 0, 0, 3, 0, 0, 0, 4] + block("abc") + [0, 0, 0, 2, 0, 0, 0, 3] + block("de")
    #expect(try unpacked(framed, 5) == "abcde" && unpacked(block("abc"), 3) == "abc")
    #expect(throws: Fault.self) { try unpacked(framed, 6) }
    #expect(throws: Fault.self) { try unpacked(Array(framed.dropLast()), 5) }
  }

  /// Levels with the highest bit first, as BIT_PACKED.
  @Test func oldFormOfLevels() throws {
    let type = FlatType(physical: .int32, width: 4, isOptional: true, meaning: .int32)
    let levels: [UInt8] = [0b1010_0000, 0b0100_0000]
    let page = Page(
      bytes: levels + [1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0], count: 10, isDictionary: false, encoding: .plain,
      values: 2..<14,
      levels: Page.Levels(encoding: .bitPacked, range: 0..<2), missing: nil)
    var open = try OpenPage(page, type)
    let flags = Scratch()
    let present = try open.present(10, into: flags.values(10))
    #expect(present == 3)
    #expect((0..<10).filter { !flags.values(10, of: Bool.self)[$0] } == [0, 2, 9])
  }

  @Test func valuesAreSpreadOverTheRows() {
    var random = Random(7)
    // All of eight, and many of sixty, where few are missing.
    let few = (0..<1000).map { _ in (0..<60).map { _ in Int.random(in: 0..<20, using: &random) == 0 } }
    for flags in (0..<256).map({ missing in (0..<8).map { missing >> $0 & 1 == 1 } }) + few {
      let rows = flags.indices.filter { !flags[$0] }
      var values = rows.map { Int64($0) } + [Int64](repeating: -1, count: flags.count - rows.count)
      spread(&values, rows.count, over: flags.count, without: flags, filler: 99)
      for row in rows { #expect(values[row] == Int64(row)) }
      // What is missing has a value that was there, or the filler: nothing that depends on what memory held before.
      #expect(values.allSatisfy { rows.isEmpty ? $0 == 99 : rows.contains(Int($0)) })
    }
  }

  @Test func instantsAndHalves() throws {
    func converted<Value, Stored>(
      _ stored: [Stored], _ zero: Value, _ convert: (UnsafeRawPointer, Int, UnsafeMutablePointer<Value>) throws -> Void
    ) rethrows -> [Value] {
      try [Value](unsafeUninitializedCapacity: stored.count) { buffer, count in
        try stored.withUnsafeBytes { try convert($0.baseAddress!, stored.count, buffer.baseAddress!) }
        count = stored.count
      }
    }
    func type(_ meaning: Meaning) -> FlatType {
      FlatType(physical: .int64, width: 8, isOptional: false, meaning: meaning)
    }
    let nanoseconds: [Int64] = [1999, -1, -1000, -1001, .min]
    #expect(
      try converted(nanoseconds, Int64(0)) {
        try Conversion.integers($0, $1, type(.instant(times: 1, per: 1000)), into: $2)
      }
        == [1, -1, -1, -2, -9_223_372_036_854_776])
    #expect(throws: Fault.self) {
      try converted([Int64.max], Int64(0)) {
        try Conversion.integers($0, $1, type(.instant(times: 1000, per: 1)), into: $2)
      }
    }
    let halves: [UInt16] = [0x3C00, 0xC000, 0x0001, 0x7BFF, 0x7C00, 0xFC00, 0x8000]
    let found = try converted(halves, 0.0) { try Conversion.numbers($0, $1, type(.half), into: $2) }
    #expect(found == [1, -2, 0x1p-24, 65504, .infinity, -.infinity, 0] && found[6].sign == .minus)
  }
}
