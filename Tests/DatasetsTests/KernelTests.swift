import CKernels
import Testing

/// References: 40 digits of mpmath, rounded to double.
@Suite struct KernelTests {
  @Test(arguments: [
    (0.5, -0.6931471805599453), (2, 0.6931471805599453), (10, 2.302585092994046), (0.1, -2.3025850929940455),
    (1.0000000001, 1.000000082690371e-10), (0.9999, -0.00010000500033334732), (1.4142135623730951, 0.3465735902799727),
    (1.4142135623730950, 0.3465735902799727), (1e300, 690.7755278982137), (.leastNonzeroMagnitude, -744.4400719213812),
    (0x1p-33, -22.87385695847819),
  ])
  func logarithm(x: Double, expected: Double) {
    #expect(abs(ck_log(x) / expected - 1) < 1e-14)
  }

  @Test func logarithmAtTheEdges() {
    #expect(ck_log(1) == 0)
    #expect(ck_log(0) == -.infinity)
    #expect(ck_log(.infinity) == .infinity)
    #expect(ck_log(-1).isNaN && ck_log(.nan).isNaN)
  }

  @Test(arguments: [
    (0x1p-33, -6.3379577545537892525), (0.001, -3.0902323061678135354), (0.025, -1.9599639845400542118),
    (0.3, -0.52440051270804081597), (0.5 + 0x1p-33, 2.9180993729166226723e-10), (0.75, 0.6744897501960817432),
    (0.925, 1.4395314709384562291), (0.95, 1.6448536269514722843), (0.999, 3.0902323061678132778),
    (1 - 0x1p-33, 6.3379577545537892525),
  ])
  func normalQuantile(u: Double, expected: Double) {
    #expect(abs(ck_normal_from_unit(u) / expected - 1) < 1e-13)
  }

  @Test func normalQuantileAtTheEdges() {
    #expect(ck_normal_from_unit(0.5) == 0)
    #expect([0, 1, -1, 2, .nan].allSatisfy { ck_normal_from_unit($0).isNaN })
  }

  /// The bits themselves: another host, compiler or instruction set must give the same.
  @Test func bitsAreFixed() {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for k in 1..<10_000 {
      hash = (hash ^ ck_normal_from_unit(Double(k) / 10_000).bitPattern) &* 0x100_0000_01b3
    }
    #expect(hash == 0xB59257DCE5264DBF)
  }
}
