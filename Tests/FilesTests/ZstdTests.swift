import CZstdSystem
import Diagnostics
import TestSupport
import Testing

@testable import Files

/// Files that are packed by zstd are read as what they hold.
@Suite struct ZstdTests {
  private let folder: Folder
  init() throws { folder = try Folder() }

  /// A frame with a checksum.
  private func frame(_ bytes: [UInt8]) throws -> [UInt8] {
    let context = try #require(ZSTD_createCCtx())
    defer { ZSTD_freeCCtx(context) }
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
    return [UInt8](unsafeUninitializedCapacity: ZSTD_compressBound(bytes.count)) { buffer, count in
      count = ZSTD_compress2(context, buffer.baseAddress, buffer.count, bytes, bytes.count)
    }
  }

  /// `step` bytes at a time.
  private func read(_ bytes: [UInt8], step: Int = 1000) throws -> (bytes: [UInt8], isCutOff: Bool) {
    let reader = try ByteReader(folder.write("packed", bytes))
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: step, alignment: 1)
    defer { buffer.deallocate() }
    var all: [UInt8] = []
    while true {
      let count = try reader.read(into: buffer)
      all += buffer.prefix(count)
      if count < step { return (all, reader.isCutOff) }
    }
  }

  private let text = (0..<20_000).map { UInt8(truncatingIfNeeded: $0 % 251 + $0 / 977) }

  @Test(arguments: [1, 7, 4096, 1 << 20])
  func framesAreReadAsOneFile(step: Int) throws {
    let packed = try frame(Array(text[..<9000])) + frame([]) + frame(Array(text[9000...]))
    let (found, isCutOff) = try read(packed, step: step)
    #expect(found == text && !isCutOff)
  }

  @Test func aFileThatIsCutOffSaysSo() throws {
    let packed = try frame(text)
    for length in stride(from: 4, to: packed.count, by: packed.count / 50 + 1) {
      #expect(try read(Array(packed[..<length])).isCutOff, "\(length) of \(packed.count) bytes")
    }
    let failure = #expect(throws: Failure.self) {
      try ByteReader(folder.write("cut", packed.dropLast())).contents(memory: 1, fewer: "rows")
    }
    #expect(failure?.description.contains("expected a whole zstd stream, found it cut off after") == true)
  }

  /// Whatever byte is another one, it is told, or makes no difference.
  @Test func damageIsTold() throws {
    let packed = try frame(Array(text[..<2000]))
    var told = 0
    for place in packed.indices.dropFirst(4) {
      var bytes = packed
      bytes[place] ^= 0x10
      do {
        let found = try read(bytes)
        #expect(found.bytes == Array(text[..<2000]) || found.isCutOff, "byte \(place)")
      } catch {
        told += 1
        let failure = try #require(error as? Failure)
        #expect(
          failure.code == .badData && failure.description.contains("expected a sound zstd stream, found it damaged ("))
      }
    }
    #expect(told > packed.count / 2)
  }

  @Test func whatFollowsIsTold() throws {
    let failure = try #require(throws: Failure.self) { try read(frame(text) + [1, 2, 3, 4, 5]) }
    #expect(failure.description.contains("expected the end of the zstd stream, found trailing bytes"))
  }

  /// Zeros that would fill memory.
  @Test func aBombIsRefused() throws {
    let bomb = try frame([UInt8](repeating: 0, count: 65 << 20))
    let failure = try #require(throws: Failure.self) { try read(bomb, step: 1 << 20) }
    #expect(
      failure.description.contains("expected at most 67108864 bytes from a zstd stream of \(bomb.count), found more"))
  }
}
