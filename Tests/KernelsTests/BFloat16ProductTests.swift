import CKernels
import Kernels
import TestSupport
import Testing

/// Every kernel of bfloat16 products against their definition, bit for bit; NaNs count as equal.
@Suite struct BFloat16ProductTests {
  /// A product with factors and a result of either format, rows of all of them apart.
  struct Product: CustomStringConvertible {
    let M: Int, N: Int, K: Int
    /// Bits: A transposed, B transposed, A of floats, B of floats, C of floats, C added to, a bias.
    let way: Int
    var gap = 0

    private func has(_ bit: Int) -> Bool { way >> bit & 1 == 1 }
    var description: String { "\(M)×\(K) · \(K)×\(N), way \(way), \(gap) apart" }

    /// The bits of C, with what lies between its rows, of the sums of A's rows, and of what an epilogue writes.
    func result(_ a: [Float], _ b: [Float], _ compute: (inout ck_bfloat16_task) -> Void) -> [UInt32] {
      let (stride, isFloat) = (N + gap, has(4))
      let before = (0..<M * stride + 1).map { Float($0 % 7) - 3 }
      var (words, halves) = (before, before.map(Self.rounded))
      let bias = (0..<max(N, 1)).map { Float($0 % 11) / 3 - 2 }
      var (besides, sums) = (Besides(before, number: M + 2 * N + K + way), (0..<M).map { Float($0 % 3) })
      func run(_ c: UnsafeMutableRawPointer) {
        Self.factor(a, isFloat: has(2)) { A in
          Self.factor(b, isFloat: has(3)) { B in
            bias.withUnsafeBufferPointer { bias in
              var task = ck_bfloat16_task(
                M: Int64(M), N: Int64(N), K: Int64(K),
                A: ck_bfloat16_factor(
                  base: A, row: has(0) ? 1 : Int64(K + gap), column: has(0) ? Int64(M + gap) : 1,
                  isFloat: has(2) ? 1 : 0),
                B: ck_bfloat16_factor(
                  base: B, row: has(1) ? 1 : Int64(N + gap), column: has(1) ? Int64(K + gap) : 1,
                  isFloat: has(3) ? 1 : 0),
                C: c, stride: Int64(stride), isFloat: isFloat ? 1 : 0, adds: isFloat && has(5) ? 1 : 0,
                bias: has(6) ? bias.baseAddress! : nil, rowSums: nil, rowSumsGoOn: (M + N) % 2 == 0 ? 0 : 1,
                epilogue: ck_epilogue(), packed: ck_packed())
              sums.withUnsafeMutableBufferPointer { sums in
                if has(0) { task.rowSums = sums.baseAddress }
                besides.with(c, isFloat: isFloat) {
                  task.epilogue = $0
                  compute(&task)
                }
              }
            }
          }
        }
      }
      if isFloat {
        words.withUnsafeMutableBytes { run($0.baseAddress!) }
      } else {
        halves.withUnsafeMutableBytes { run($0.baseAddress!) }
      }
      let bits = isFloat ? words.map(\.bitPattern) : halves.map { UInt32($0) << 16 }
      return (bits + sums.map(\.bitPattern)).map { Float(bitPattern: $0).isNaN ? Float.nan.bitPattern : $0 }
        + besides.bits
    }

    private static func rounded(_ x: Float) -> UInt16 {
      var half: UInt16 = 0
      withUnsafePointer(to: x) { ck_bfloat16_round(&half, $0, 1) }
      return half
    }

    private static func factor(_ values: [Float], isFloat: Bool, _ body: (UnsafeRawPointer) -> Void) {
      if isFloat { return values.withUnsafeBytes { body($0.baseAddress!) } }
      var halves = [UInt16](repeating: 0, count: values.count)
      ck_bfloat16_round(&halves, values, Int64(values.count))
      halves.withUnsafeBytes { body($0.baseAddress!) }
    }
  }

  private func expectDefinition(_ product: Product, _ a: [Float], _ b: [Float]) {
    let expected = product.result(a, b) { ck_bfloat16_reference(&$0) }
    for path in ProductDraws.paths {
      let found = product.result(a, b) { task in onPath(path) { ck_bfloat16_product(&task) } }
      if found != expected {
        Issue.record("\(product) by \(String(cString: ck_product_name(path))): other bits than its definition")
      }
      let packed = product.result(a, b) { task in onPath(path) { task.withPacked { ck_bfloat16_product(&$0) } } }
      if packed != expected {
        Issue.record("\(product) by \(String(cString: ck_product_name(path))), B packed before: other bits")
      }
    }
  }

  @Test(arguments: [0, 1, 2, 7, 16, 33, 40])
  func allSmallExtentsAreThoseOfTheDefinition(K: Int) {
    let (a, b) = (uniform(90 * 90, 2, stream: 1), uniform(90 * 90, 2, stream: 2))
    for M in 0...26 {
      for N in Array(0...18) + [31, 32, 33, 47, 48, 49, 65] {
        expectDefinition(
          Product(M: M, N: N, K: K, way: (M * 53 + N * 29 + K * 7) % 128, gap: (M + N) % 3), a, b)
      }
    }
  }

  /// Around the driver's blocks, where sums wait in memory.
  @Test(arguments: [
    (2, 40, 1534), (2, 33, 768), (2, 33, 1536), (3, 17, 769), (3, 17, 1537), (1, 16, 3081), (95, 5, 3), (97, 33, 6),
    (194, 16, 5), (2, 1537, 4), (14, 513, 1600), (1153, 3, 1540), (7, 100, 4800), (13, 520, 512),
    (97, 1530, 1535), (97, 1536, 3069),
  ])
  func blocksChangeNoBit(M: Int, N: Int, K: Int) {
    let reach = max(M * K, K * N, M * N) + 4 * max(M, N, K)
    let (a, b) = (uniform(reach, 1, stream: 3), uniform(reach, 1, stream: 4))
    for way in stride(from: M % 3, to: 128, by: K > 1000 && M > 100 ? 43 : 11) {
      expectDefinition(Product(M: M, N: N, K: K, way: way), a, b)
    }
  }

  @Test func randomShapesAreThoseOfTheDefinition() {
    ProductDraws.eachRandom(seed: 2027) { extents, draw, a, b in
      expectDefinition(
        Product(M: extents.M, N: extents.N, K: extents.K, way: draw(128), gap: draw(4)), a, b)
    }
  }

  /// NaN, infinities, both zeros and denormals, in threads of both kinds: products count denormals as zero in each.
  @Test(arguments: [false, true])
  func specialNumbersAreThoseOfTheDefinition(isLane: Bool) {
    ProductDraws.eachSpecial(isLane: isLane) { extents, a, b in
      for way in [0, 13, 49, 87] {
        expectDefinition(Product(M: extents.M, N: extents.N, K: extents.K, way: way), a, b)
      }
    }
  }

  /// The order within a pair matters, and so does the rounding of the factors.
  @Test func otherDefinitionsGiveOtherBits() {
    let product = Product(M: 9, N: 21, K: 34, way: 0b11100)
    let (a, b) = (uniform(9 * 34, 1, stream: 1), uniform(34 * 21, 1, stream: 2))
    let expected = product.result(a, b) {
      $0.epilogue = ck_epilogue()
      ck_bfloat16_reference(&$0)
    }
    func rounded(_ x: Float) -> Float {
      Float(bitPattern: (x.bitPattern + 0x7fff + (x.bitPattern >> 16 & 1)) & 0xffff_0000)
    }
    func other(_ ks: [Int], _ round: (Float) -> Float) -> [UInt32] {
      product.result(a, b) { task in
        let c = task.C.assumingMemoryBound(to: Float.self)
        for i in 0..<9 {
          for j in 0..<21 {
            c[i * 21 + j] = ks.reduce(0) { $0.addingProduct(round(a[i * 34 + $1]), round(b[$1 * 21 + j])) }
          }
        }
      }
    }
    #expect(other((0..<34).map { $0 ^ 1 }, rounded) == expected)
    #expect(other(Array(0..<34), rounded) != expected)
    #expect(other((0..<34).map { $0 ^ 1 }) { $0 } != expected)
  }

  /// To nearest, ties to even, against the definition in double; what is no number stays none, denormals become zero.
  @Test func roundingIsToNearestEven() {
    func round(_ x: Float) -> UInt32 {
      var half: UInt16 = 0
      withUnsafePointer(to: x) { ck_bfloat16_round(&half, $0, 1) }
      return UInt32(half) << 16
    }
    for bits in stride(from: UInt32(0), through: 0x7f7f_ffff, by: 99_991) {
      for x in [
        Float(bitPattern: bits), Float(bitPattern: bits | 0x8000_0000), Float(bitPattern: bits & 0xffff_0000 | 0x8000),
      ] {
        let found = Float(bitPattern: round(x))
        guard x.isNormal else {
          #expect(found == 0 && found.sign == x.sign)
          continue
        }
        let unit = Double(x.ulp) * 65536
        let expected = (Double(x) / unit).rounded(.toNearestOrEven) * unit
        #expect(Double(found) == expected || found.isInfinite && abs(expected) > 3.38e38, "\(x)")
      }
    }
    #expect(round(.infinity) == Float.infinity.bitPattern && round(-.infinity) == (-Float.infinity).bitPattern)
    #expect(Float(bitPattern: round(Float(bitPattern: 0x7f80_0001))).isNaN)
  }
}
