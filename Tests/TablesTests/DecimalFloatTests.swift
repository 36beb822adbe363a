import Foundation
import Tables
import Tensors
import Testing

@Suite struct DecimalFloatTests {
  private func check(_ text: String, at location: SourceLocation = #_sourceLocation) {
    let (found, expected) = (DecimalFloat.parse(text.utf8), strtof(text, nil))
    #expect(found?.bitPattern == expected.bitPattern, "\(text)", sourceLocation: location)
    let double = DecimalFloat.number(text.utf8)?.double
    #expect(double?.bitPattern == strtod(text, nil).bitPattern, "\(text)", sourceLocation: location)
  }

  /// Midpoints of two floats, their neighbours, and the edges of the range.
  @Test func hardCases() {
    for text in [
      "0", "-0", "0e999999999999", "16777217", "16777219", "16777217.0000000000000000001", "9007199254740993",
      "1.00000005960464477539062500", "1.00000005960464477539062501", "1.17549435e-38", "1.1754942e-38", "1e-45",
      "7e-46", "7.1e-46", "1e-60", "3.4028235e38", "3.4028236e38", "123456789012345678901234567890", "0.1",
      "00000000000000000000000000001", "0.00000000000000000000000000000000000000000000001", "8388608.5", "8388609.5",
      "1e22", "1e23", "1e-22", "1e-23",
    ] { check(text) }
  }

  @Test func randomCases() {
    let random = Philox(seed: 11, purpose: .data)
    for index in 0..<50_000 {
      let words = random.block(stream: 0, index: UInt64(index))
      let value = Float(bitPattern: words.x)
      guard value.isFinite else { continue }
      check("\(value)")
      check("\(Double(value) * 1.0000000596)")
      // The exact midpoint between a float and the next one has at most 25 bits.
      check("\((Double(value) + Double(value.nextUp)) / 2)")
      check("\(words.y % 1000).\(words.z)")
      check("\(words.y).\(words.z)e\(Int(words.w % 60) - 30)")
    }
  }
}
