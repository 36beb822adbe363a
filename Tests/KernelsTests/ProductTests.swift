import CKernels
import Kernels
import TestSupport
import Testing

/// Every kernel of products against their definition, bit for bit.
///
/// NaNs count as equal: whose payload survives is the processor's choice.
@Suite struct ProductTests {
  /// A product M×K · K×N into rows of C that lie apart, from one stretch of numbers that all of a test share.
  struct Product: CustomStringConvertible {
    let M: Int, N: Int, K: Int
    let isATransposed: Bool, isBTransposed: Bool, adds: Bool
    var gap = 0

    var description: String {
      "\(M)×\(K)\(isATransposed ? " transposed" : "") · \(K)×\(N)\(isBTransposed ? " transposed" : "")"
        + "\(adds ? ", added" : ""), \(gap) apart"
    }

    /// The bits of C, what lies between its rows with them, which none may touch, of the sums of A's rows, and of what an epilogue
    /// writes.
    func result(_ a: [Float], _ b: [Float], _ compute: (inout ck_product_task) -> Void) -> [UInt32] {
      let stride = N + gap
      var c = (0..<M * stride + 1).map { Float($0 % 7) - 3 }
      var (besides, sums) = (Besides(c, number: M + 2 * N + K), (0..<M).map { Float($0 % 3) })
      let biases = (0..<N).map { Float($0 % 5) - 2.25 }
      return biases.withUnsafeBufferPointer { biases in
        a.withUnsafeBufferPointer { a in
          b.withUnsafeBufferPointer { b in
            c.withUnsafeMutableBufferPointer { c in
              var task = ck_product_task(
                M: Int64(M), N: Int64(N), K: Int64(K),
                A: ck_factor(
                  base: a.baseAddress!, row: isATransposed ? 1 : Int64(K + gap),
                  column: isATransposed ? Int64(M + gap) : 1),
                B: ck_factor(
                  base: b.baseAddress!, row: isBTransposed ? 1 : Int64(N + gap),
                  column: isBTransposed ? Int64(K + gap) : 1),
                C: c.baseAddress!, stride: Int64(stride), adds: adds ? 1 : 0,
                bias: (M + N + K) % 2 == 0 ? biases.baseAddress : nil, rowSums: nil,
                rowSumsGoOn: (M + N) % 2 == 0 ? 0 : 1,
                epilogue: ck_epilogue(), packed: ck_packed())
              sums.withUnsafeMutableBufferPointer { sums in
                if isATransposed { task.rowSums = sums.baseAddress }
                besides.with(c.baseAddress!, isFloat: true) {
                  task.epilogue = $0
                  compute(&task)
                }
              }
            }
          }
        }
        return (c + sums).map { $0.isNaN ? Float.nan.bitPattern : $0.bitPattern } + besides.bits
      }
    }

  }

  private func expectDefinition(_ product: Product, _ a: [Float], _ b: [Float]) {
    let expected = product.result(a, b) { ck_product_reference(&$0) }
    for path in ProductDraws.paths {
      let found = product.result(a, b) { task in onPath(path) { ck_product(&task) } }
      if found != expected {
        Issue.record("\(product) by \(String(cString: ck_product_name(path))): other bits than its definition")
      }
      let packed = product.result(a, b) { task in onPath(path) { task.withPacked { ck_product(&$0) } } }
      if packed != expected {
        Issue.record("\(product) by \(String(cString: ck_product_name(path))), B packed before: other bits")
      }
    }
  }

  /// All heights around a tile of each kernel, all widths around a panel, chains from none on.
  @Test(arguments: [0, 1, 2, 9, 17])
  func allSmallExtentsAreThoseOfTheDefinition(K: Int) {
    let (a, b) = (uniform(80 * 80, 2, stream: 1), uniform(80 * 80, 2, stream: 2))
    for M in 0...26 {
      for N in Array(0...35) + [47, 48, 49, 63, 64, 65] {
        let ways = (M * 31 + N * 7 + K) % 8
        for way in [ways, (ways + 5) % 8] {
          expectDefinition(
            Product(
              M: M, N: N, K: K, isATransposed: way & 1 != 0, isBTransposed: way & 2 != 0, adds: way & 4 != 0,
              gap: (M + N) % 3), a, b)
        }
      }
    }
  }

  /// Around the driver's blocks, where chains go on through memory and panels are read again: each in all ways.
  @Test(arguments: [
    (2, 40, 767), (2, 33, 768), (3, 17, 769), (1, 16, 1540), (95, 5, 3), (96, 33, 2), (97, 16, 769), (194, 31, 5),
    (2, 1535, 3), (2, 1536, 2), (13, 1537, 3), (3, 3100, 1), (98, 1538, 2), (14, 513, 800), (13, 520, 256),
    (7, 200, 1024), (100, 1540, 780), (15, 400, 40), (13, 385, 36),
  ])
  func blocksChangeNoBit(M: Int, N: Int, K: Int) {
    let reach = max(M * K, K * N, M * N) + 4 * max(M, N, K)
    let (a, b) = (uniform(reach, 1, stream: 3), uniform(reach, 1, stream: 4))
    // Rows of a turned A that lie further apart than a vector is wide are packed in another way.
    for way in 0..<8 {
      for gap in [0, 3] {
        expectDefinition(
          Product(
            M: M, N: N, K: K, isATransposed: way & 1 != 0, isBTransposed: way & 2 != 0, adds: way & 4 != 0, gap: gap),
          a, b)
      }
    }
  }

  /// Two thousand shapes by chance, drawn from a seed that stands here.
  @Test func randomShapesAreThoseOfTheDefinition() {
    ProductDraws.eachRandom(seed: 2026) { extents, draw, a, b in
      let way = draw(8)
      expectDefinition(
        Product(
          M: extents.M, N: extents.N, K: extents.K, isATransposed: way & 1 != 0, isBTransposed: way & 2 != 0,
          adds: way & 4 != 0, gap: draw(4)), a, b)
    }
  }

  /// NaN, infinities, both zeros and denormals among the factors, with denormals as they are and counted as zero.
  @Test(arguments: [false, true])
  func specialNumbersAreThoseOfTheDefinition(isLane: Bool) {
    ProductDraws.eachSpecial(isLane: isLane) { extents, a, b in
      let (M, N, K) = extents
      expectDefinition(
        Product(M: M, N: N, K: K, isATransposed: N == 16, isBTransposed: K == 64, adds: true), a, b)
    }
  }

  /// What rounds twice, or adds in another order, gives other bits: the test above would not see a definition that is none.
  @Test func otherDefinitionsGiveOtherBits() {
    let product = Product(M: 9, N: 21, K: 33, isATransposed: false, isBTransposed: false, adds: false)
    let (a, b) = (uniform(9 * 33, 1, stream: 1), uniform(33 * 21, 1, stream: 2))
    let expected = product.result(a, b) {
      $0.epilogue = ck_epilogue()
      ck_product_reference(&$0)
    }
    func other(_ ks: [Int], _ step: (Float, Float, Float) -> Float) -> [UInt32] {
      product.result(a, b) { task in
        for i in 0..<9 {
          for j in 0..<21 {
            task.C[i * 21 + j] = ks.reduce(0) { step($0, a[i * 33 + $1], b[$1 * 21 + j]) }
          }
        }
      }
    }
    func fused(_ c: Float, _ a: Float, _ b: Float) -> Float { c.addingProduct(a, b) }
    #expect(other(Array(0..<33), fused) == expected)
    #expect(other((0..<33).reversed(), fused) != expected)
    #expect(other(Array(0..<33)) { $0 + $1 * $2 } != expected)
  }
}
