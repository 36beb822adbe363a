import CKernels
import Testing

@testable import Tensors

@Suite struct PhiloxTests {
  /// The known answers of Random123 (`tests/kat_vectors`, lines `philox4x32 10`): counter, key, result.
  static let knownAnswers: [(counter: SIMD4<UInt32>, key: SIMD2<UInt32>, result: SIMD4<UInt32>)] = [
    (
      SIMD4(repeating: 0), SIMD2(repeating: 0),
      SIMD4(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8)
    ),
    (
      SIMD4(repeating: .max), SIMD2(repeating: .max),
      SIMD4(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd)
    ),
    // The digits of pi.
    (
      SIMD4(0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344), SIMD2(0xa409_3822, 0x299f_31d0),
      SIMD4(0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1)
    ),
  ]

  @Test(arguments: knownAnswers.indices)
  func givesTheKnownAnswers(number: Int) {
    let (counter, key, result) = Self.knownAnswers[number]
    #expect(Philox(key: key).block(counter) == result)
  }

  @Test func streamAndIndexAreTheHalvesOfTheCounter() {
    let random = Philox(key: SIMD2(7, 9))
    #expect(
      random.block(stream: 0x1111_2222_3333_4444, index: 0x5555_6666_7777_8888)
        == random.block(SIMD4(0x7777_8888, 0x5555_6666, 0x3333_4444, 0x1111_2222)))
  }

  /// Around 2³², where the counter's second word begins.
  @Test(arguments: [0, 1, 15, 16, 17, 100]) func keysOfManyIndicesAreThoseOfEach(_ count: Int) {
    let (random, stream, first): (Philox, UInt64, UInt64) = (Philox(key: SIMD2(7, 9)), 0x1_0000_0005, (1 << 32) - 20)
    var keys = [UInt64](repeating: 0, count: count)
    keys.withUnsafeMutableBufferPointer { random.fill($0, stream: stream, from: first) }
    let expected = (0..<count).map { place in
      let words = random.block(stream: stream, index: first + UInt64(place))
      return UInt64(words.x) << 32 | UInt64(words.y)
    }
    #expect(keys == expected)
  }

  /// Groups of 128, their edges, and far more of them than the 15 in 100 that lie outside of the middle.
  @Test(arguments: [0, 1, 3, 4, 5, 127, 128, 129, 300, 50_001]) func drawsAreThoseOfEachWord(_ count: Int) {
    let (random, stream): (Philox, UInt64) = (Philox(key: SIMD2(7, 9)), 0x1_0000_0005)
    let units = (0..<count).map { random.block(stream: stream, index: UInt64($0 / 4))[$0 % 4].unitInterval }
    var drawn = [Float](repeating: 7, count: count + 1)
    drawn.withUnsafeMutableBufferPointer {
      random.drawUniform(UnsafeMutableBufferPointer(rebasing: $0[..<count]), stream: stream, width: 0.3)
    }
    #expect(drawn == units.map { Float(($0 - 0.5) * 0.3) } + [7], "and nothing behind the last one")
    drawn.withUnsafeMutableBufferPointer {
      random.drawNormal(UnsafeMutableBufferPointer(rebasing: $0[..<count]), stream: stream, mean: 0.1, deviation: 2)
    }
    #expect(drawn == units.map { Float(0.1 + 2 * ck_normal_from_unit($0)) } + [7])
  }

  /// A change here changes every run: dropout, order, start values.
  @Test func theKeyOfASeedAndAPurposeIsFixed() {
    let keys = Philox.Purpose.allCases.map { Philox(seed: 0x0123_4567_89ab_cdef, purpose: $0).key }
    #expect(keys == Self.keys)
  }

  static let keys: [SIMD2<UInt32>] = [
    SIMD2(4_084_727_947, 2_810_435_047), SIMD2(1_694_139_797, 2_161_645_694), SIMD2(3_687_413_703, 91_965_032),
    SIMD2(3_651_648_613, 2_017_652_682), SIMD2(331_161_636, 4_263_664_343), SIMD2(1_443_077_041, 950_859_667),
    SIMD2(3_442_573_363, 800_303_979), SIMD2(510_058_902, 3_971_376_676), SIMD2(3_162_425_186, 676_414_030),
  ]

  @Test func seedsAndPurposesHaveStreamsOfTheirOwn() {
    let seeds: [UInt64] = [0, 1, 2, 1 << 32, .max]
    let keys = seeds.flatMap { seed in Philox.Purpose.allCases.map { Philox(seed: seed, purpose: $0).key } }
    #expect(Set(keys).count == seeds.count * Philox.Purpose.allCases.count)
  }

  @Test func theUnitIntervalIsOpenAndSymmetric() {
    #expect(UInt32.min.unitInterval == 0x1p-33)
    #expect(UInt32.max.unitInterval == 1 - 0x1p-33)
    #expect((UInt32(1) << 31).unitInterval == 0.5 + 0x1p-33)
  }
}
