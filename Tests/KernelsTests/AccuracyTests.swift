import CKernels
import Foundation
import Kernels
import Tensors
import Testing

/// The functions of one number against Foundation's in double precision.
@Suite struct AccuracyTests {
  private func exp(_ values: [Float]) -> [Float] {
    apply({ ck_exp($1.base, $0.base, Int64($0.count)) }, values)
  }

  private func forward(_ activation: Activation, _ values: [Float]) -> [Float] {
    apply({ Kernels.forward(activation, $0, into: $1) }, values)
  }

  /// Dense near zero, where results are near one, and over the whole range.
  static let arguments: [Float] =
    uniform(200_000, 88) + uniform(50_000, 1, stream: 1) + uniform(20_000, 1e-3, stream: 2)
    + (-87...88).map { Float($0) } + (-126...126).map { Float($0) * 0.6931472 } + [0.625, -0.625, 0.62499994]

  /// 1 ulp: half a unit for rounding the last addition, the rest for the polynomial and the reduced argument.
  @Test func exponentialIsWithinOneUlp() {
    let arguments = Self.arguments.filter { $0 >= -87.33654 && $0 <= 88 }
    let worst = worst(arguments, exp(arguments)) { Foundation.exp($0) }
    #expect(worst.ulps < 1, "\(worst)")
  }

  @Test func exponentialAtTheEdges() {
    let results = exp([0, -0.0, .infinity, -.infinity, 88.00001, 1000, -87.34, -1000, .greatestFiniteMagnitude])
    #expect(results == [1, 1, .infinity, 0, .infinity, .infinity, 0, 0, .infinity])
    #expect(exp([.nan])[0].isNaN)
  }

  /// 2.5 ulp: exp's one, then an addition and a division of half a unit each, where the quotient's unit may be half of the
  /// denominator's.
  @Test func sigmoidIsWithinThreeUlps() {
    let arguments = Self.arguments.filter { $0 >= -87 }
    let worst = worst(arguments, forward(.sigmoid, arguments)) { 1 / (1 + Foundation.exp(-$0)) }
    #expect(worst.ulps < 2.5, "\(worst)")
  }

  @Test func sigmoidAtTheEdges() {
    #expect(forward(.sigmoid, [0, -0.0, .infinity, -.infinity, 100, -100]) == [0.5, 0.5, 1, 0, 1, 0])
    #expect(forward(.sigmoid, [.nan])[0].isNaN)
  }

  /// 2 ulp: near zero the polynomial, elsewhere 1 - 2 / (exp(2x) + 1), whose subtrahend is at most 0.45.
  @Test func tanhIsWithinTwoUlps() {
    let worst = worst(Self.arguments, forward(.tanh, Self.arguments)) { Foundation.tanh($0) }
    #expect(worst.ulps < 2, "\(worst)")
  }

  @Test func tanhAtTheEdges() {
    let results = forward(.tanh, [0, -0.0, .infinity, -.infinity, 50, -50])
    #expect(results == [0, 0, 1, -1, 1, -1])
    #expect(forward(.tanh, [.nan])[0].isNaN)
    let (x, mirrored) = (Self.arguments, Self.arguments.map { -$0 })
    #expect(forward(.tanh, mirrored) == forward(.tanh, x).map { -$0 }, "odd")
  }

  /// 2 ulp: near zero the polynomial; from 0.9 on 1 - exp(-q), whose subtrahend is at most 0.2.
  @Test func errorFunctionIsWithinTwoUlps() {
    let erf = apply({ ck_erf($1.base, $0.base, Int64($0.count)) }, Self.arguments)
    let worst = worst(Self.arguments, erf) { Foundation.erf($0) }
    #expect(worst.ulps < 2, "\(worst)")
    let edges = apply({ ck_erf($1.base, $0.base, Int64($0.count)) }, [0, -0.0, .infinity, -.infinity, 9, -9, .nan])
    #expect(edges.dropLast() == [0, 0, 1, -1, 1, -1] && edges.last!.isNaN)
  }

  /// 5e-7 of max(1, |x|): erf, exp and tanh are off by 2 ulp (1.2e-7 near 1), times x; then a few roundings.
  @Test(arguments: [Activation.gelu, .geluTanh, .silu])
  func gatesAreThoseOfDoubles(activation: Activation) {
    let arguments = Self.arguments.filter { abs($0) < 80 }
    for (x, y) in zip(arguments, forward(activation, arguments)) {
      let x = Double(x)
      let gate =
        switch activation {
        case .gelu: 0.5 * (1 + Foundation.erf(x / 2.0.squareRoot()))
        case .geluTanh: 0.5 * (1 + Foundation.tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
        default: 1 / (1 + Foundation.exp(-x))
        }
      if abs(Double(y) - x * gate) > 5e-7 * max(1, abs(x)) { Issue.record("\(activation) of \(x) is \(y)") }
    }
    #expect(forward(activation, [.infinity])[0] == .infinity && forward(activation, [.nan])[0].isNaN)
  }

  /// 1 ulp: below 0 half a unit each for the last two additions, which are of the result's size; above it is x.
  @Test func exponentialLinearUnitIsWithinOneUlp() {
    let worst = worst(Self.arguments, forward(.elu(alpha: 1), Self.arguments)) { $0 > 0 ? $0 : Foundation.expm1($0) }
    #expect(worst.ulps < 1, "\(worst)")
    #expect(forward(.elu(alpha: 2), [-.infinity, .infinity, 0, -0.0]) == [-2, .infinity, 0, 0])
  }

  /// 3 ulp: exp's one, a division and two additions of half a unit, where a sum's unit may be half of a term's.
  @Test func softplusIsWithinThreeUlps() {
    let arguments = Self.arguments.filter { $0 > -80 }
    let worst = worst(arguments, forward(.softplus(beta: 1), arguments)) {
      max($0, 0) + Foundation.log1p(Foundation.exp(-abs($0)))
    }
    #expect(worst.ulps < 3, "\(worst)")
    #expect(forward(.softplus(beta: 2), [-.infinity, .infinity, 50]) == [0, .infinity, 50])
  }

  /// 4 ulp: exp's one twice, as its square is there, and some roundings.
  @Test func mishIsWithinFourUlps() {
    let arguments = Self.arguments.filter { $0 > -80 }
    let worst = worst(arguments, forward(.mish, arguments)) {
      $0 * Foundation.tanh(Foundation.log1p(Foundation.exp($0)))
    }
    #expect(worst.ulps < 4, "\(worst)")
    #expect(forward(.mish, [.infinity, 0, 1000]) == [.infinity, 0, 1000])
  }

  /// A NaN must stay one: hiding it would hide what went wrong.
  @Test func reluKeepsWhatIsPositiveAndNaN() {
    #expect(forward(.relu, [-1, 2, 0, -.infinity, .infinity]) == [0, 2, 0, 0, .infinity])
    #expect(forward(.relu, [.nan])[0].isNaN)
  }

  /// Foundation's own cosine of a rounded πx is off by 2e-16 as well.
  @Test func cosPiIsWithinOneUnitOfADouble() {
    for step in 0...10_000 {
      let x = Double(step) / 10_000
      #expect(abs(Kernels.cosPi(x) - cos(.pi * x)) < 1e-15, "\(x)")
    }
    #expect(Kernels.cosPi(0.5) == 0)
    #expect(abs(Kernels.cosPi(0) - 1) < 1e-15 && abs(Kernels.cosPi(1) + 1) < 1e-15)
  }

  /// Columns around the 16 accumulators. 1e-6 relative: exp's ulp (6e-8), an argument rounded to 4e-6 / 2 at worst
  /// where logits reach ±30, and the sum's few roundings.
  @Test(arguments: [1, 2, 15, 16, 17, 33, 100])
  func softmaxIsThatOfDoubles(columns: Int) {
    let logits = uniform(5 * columns, 30)
    let results = apply({ Kernels.softmax($0, columns: columns, into: $1) }, logits)
    for row in 0..<5 {
      let x = logits[row * columns..<(row + 1) * columns].map(Double.init)
      let exponentials = x.map { Foundation.exp($0 - x.max()!) }
      let sum = exponentials.reduce(0, +)
      for (column, exponential) in exponentials.enumerated() {
        let (found, expected) = (Double(results[row * columns + column]), exponential / sum)
        #expect(abs(found - expected) <= 4e-6 * expected + 1e-37, "row \(row), column \(column)")
      }
    }
  }

  @Test func softmaxNeitherOverflowsNorHidesNaN() {
    let softmax = { apply({ Kernels.softmax($0, columns: 3, into: $1) }, $0) }
    #expect(softmax([1e38, 1e38, -1e38]) == [0.5, 0.5, 0])
    #expect(softmax([-1000, -1000, -.infinity]) == [0.5, 0.5, 0])
    for place in 0..<3 {
      var row: [Float] = [1, 2, 3]
      row[place] = .nan
      #expect(softmax(row).allSatisfy { $0.isNaN }, "NaN at \(place)")
    }
  }

  /// The largest distance in ulps, and the argument it is found at.
  private func worst(
    _ arguments: [Float], _ results: [Float], _ truth: (Double) -> Double
  ) -> (ulps: Double, x: Float) {
    zip(arguments, results).map { (ulps: ulps($1, from: truth(Double($0))), x: $0) }
      .reduce((0, 0)) { $1.ulps <= $0.ulps ? $0 : $1 }
  }
}
