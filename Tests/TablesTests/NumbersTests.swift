import Foundation
import Tables
import Tensors
import Testing

@Suite struct NumbersTests {
  /// Each text as the C library reads it, or none, in which case `DecimalFloat` decides.
  private func check(_ texts: [String], at location: SourceLocation = #_sourceLocation) {
    let (values, others) = TextCells(texts).numbers()
    let slow = Set(others.map(\.row))
    for (row, text) in texts.enumerated() {
      let expected = strtod(text, nil)
      if slow.contains(row) {
        #expect(values[row].isNaN, "\(text)", sourceLocation: location)
      } else {
        #expect(values[row].bitPattern == expected.bitPattern, "\(text)", sourceLocation: location)
      }
    }
  }

  @Test func hardCases() {
    let texts = [
      "0", "-0", "+1", "1.", ".5", "1e5", "1E-5", "9007199254740993", "9007199254740992.5", "0.1",
      "123456789.123456789",
      "0.4967141530112327", "1.7976931348623157e308", "4.9e-324", "18446744073709551615", "9999999999999999999",
      "0.00000000000000000000001", "1234567890123456789e-19", "9007199254740993e-1", "000000000000000000000000000001.5",
    ]
    check(texts)
    let slow = Set(TextCells(texts).numbers().others.map(\.row))
    // The usual ones are read at once, those with up to 19 digits among them.
    for row in [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11] { #expect(!slow.contains(row), "\(texts[row])") }
  }

  @Test func whatIsNone() {
    let texts = ["", "x", "1x", "-", "+", ".", "e5", "1e", "1e+", "--1", "1 2", "nan", "inf", "0x10", "1_000", "1,5"]
    let (values, others) = TextCells(texts).numbers()
    #expect(others.map(\.row) == Array(texts.indices))
    #expect(others[0].state == .empty && others.dropFirst().allSatisfy { $0.state == .other })
    #expect(values.allSatisfy { $0.isNaN })
  }

  @Test func randomCases() {
    let random = Philox(seed: 12, purpose: .data)
    var texts: [String] = []
    for index in 0..<200_000 {
      let words = random.block(stream: 0, index: UInt64(index))
      let bits = UInt64(words.x) << 32 | UInt64(words.y)
      texts.append("\(bits % 10_000_000_000_000_000_000)e-\(words.z % 25)")
      texts.append("\(words.x % 1000).\(bits % 1_000_000_000_000_000)")
      texts.append("\(Double(words.x.unitInterval + words.y.unitInterval * 0x1p-32) * Double(words.z % 5))")
    }
    check(texts)
  }

  @Test func words() {
    let cells = TextCells(["b", "a", "", "b", "ccccccccccccc", "a", "ccccccccccccd"])
    let words = Words()
    #expect(words.codes(of: cells, isMissing: [], adds: true) == [0, 1, 2, 0, 3, 1, 4])
    #expect(words.all == ["b", "a", "", "ccccccccccccc", "ccccccccccccd"])
    let missing = [true, false, false, false, false, false, true]
    #expect(words.codes(of: cells, isMissing: missing, adds: false) == [-1, 1, 2, 0, 3, 1, -1])
    #expect(Words(["a"]).codes(of: cells, isMissing: [], adds: false) == [-1, 0, -1, -1, -1, 0, -1])
    let many = (0..<100_000).map { "word \($0 * 7919 % 50_000)" }
    let found = Words()
    let codes = found.codes(of: TextCells(many), isMissing: [], adds: true)!
    #expect(found.count == 50_000 && zip(codes, many).allSatisfy { found[Int($0)] == $1 })
  }

  /// All words of up to eleven bytes of two kinds, one of them the byte that is behind a word's end.
  @Test func shortWords() {
    let all = (0...11).flatMap { length in
      (0..<1 << length).map { bits in
        String(decoding: (0..<length).map { UInt8(bits >> $0 & 1) }, as: UTF8.self)
      }
    }
    let words = Words()
    let codes = words.codes(of: TextCells(all), isMissing: [], adds: true)!
    #expect(codes == Array(0..<Int32(all.count)) && words.all == all)
    #expect(words.codes(of: TextCells(all), isMissing: [], adds: false) == codes)
  }
}
