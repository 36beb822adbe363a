import CKernels

/// What an epilogue reads and writes beside a product: in both formats, in place, or nothing.
struct Besides {
  private var words: [Float]
  private var halves: [UInt16]
  private let operand: [UInt16]
  private let way: Int

  /// For a product whose memory holds `memory`; `number` decides what there is.
  init(_ memory: [Float], number: Int) {
    words = memory.map { $0 + 20 }
    halves = memory.indices.map { 0x4000 + UInt16($0 % 100) }
    operand = memory.indices.map { 0x3f80 + UInt16($0 % 50) }
    way = number % 5
  }

  /// The bits of all that may have been written.
  var bits: [UInt32] {
    (words.map(\.bitPattern) + halves.map { UInt32($0) << 16 }).map {
      Float(bitPattern: $0).isNaN ? Float.nan.bitPattern : $0
    }
  }

  /// Calls `body` with an epilogue of the product at `c`.
  mutating func with(_ c: UnsafeMutableRawPointer, isFloat: Bool, _ body: (ck_epilogue) -> Void) {
    let way = way
    words.withUnsafeMutableBytes { words in
      halves.withUnsafeMutableBytes { halves in
        operand.withUnsafeBytes { operand in
          var epilogue = ck_epilogue()
          // Into floats, from them; into halves, from halves; in place, alone.
          switch way {
          case 1: (epilogue.y, epilogue.yIsFloat) = (words.baseAddress, 1)
          case 2: (epilogue.y, epilogue.yIsFloat) = (halves.baseAddress, 0)
          case 3, 4: (epilogue.y, epilogue.yIsFloat) = (c, isFloat ? 1 : 0)
          default: return body(epilogue)
          }
          if way == 2 || way == 3 { (epilogue.with, epilogue.withIsFloat) = (operand.baseAddress, 0) }
          if way == 1 { (epilogue.with, epilogue.withIsFloat) = (UnsafeRawPointer(words.baseAddress), 1) }
          epilogue.kernel = { y, c, with, n, _, _ in
            for i in 0..<Int(n) { y![i] = c![i] * 2 + (with?[i] ?? 0.5) }
          }
          body(epilogue)
        }
      }
    }
  }
}
