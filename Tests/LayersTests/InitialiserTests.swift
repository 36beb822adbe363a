import Layers
import Tensors
import Testing

@Suite struct InitialiserTests {
  static let count = 50_000

  private func values(
    _ initialiser: Initialiser, count: Int = count, seed: UInt64 = 3, stream: Int = 0
  ) -> [Float] {
    let slot = FlatBuffer(count: count)
    initialiser.fill(slot.view, seed: seed, stream: stream, fanIn: 200, fanOut: 100)
    return slot.view.array
  }

  /// Four standard errors: of the mean, deviation / √n; of the deviation, deviation / √2n for normal numbers. One fixed
  /// seed, so that it cannot flake.
  @Test(arguments: [
    (Initialiser.he, 0, 0.1), (.lecun, 0, 0.07071067811865475), (.normal(mean: 2, deviation: 0.5), 2, 0.5),
    (.glorot, 0, 0.08164965809277260),  // the limit over √3
  ])
  func meanAndDeviationAreThoseOfTheDefinition(initialiser: Initialiser, mean: Double, deviation: Double) {
    let values = values(initialiser).map(Double.init)
    let n = Double(values.count)
    let found = values.reduce(0, +) / n
    #expect(abs(found - mean) < 4 * deviation / n.squareRoot())
    let spread = (values.reduce(0) { $0 + ($1 - found) * ($1 - found) } / n).squareRoot()
    #expect(abs(spread - deviation) < 4 * deviation / (2 * n).squareRoot())
  }

  @Test func glorotReachesItsLimitsAndNoFurther() {
    let values = values(.glorot)
    let limit: Float = 0.14142136  // √(6 / 300)
    #expect(values.max()! <= limit && values.max()! > 0.999 * limit)
    #expect(values.min()! >= -limit && values.min()! < -0.999 * limit)
  }

  /// Of 50,000 normal numbers 4.55 % lie beyond two deviations and 0.27 % beyond three: counts within four deviations.
  @Test func heIsNormal() {
    let values = values(.he)
    #expect(abs(values.count { abs($0) > 0.2 } - 2275) < 4 * 47)
    #expect(abs(values.count { abs($0) > 0.3 } - 135) < 4 * 12)
  }

  @Test func zerosAreZeros() {
    #expect(values(.zeros, count: 100) == [Float](repeating: 0, count: 100))
  }

  @Test func slotsAndSeedsAreIndependent() {
    let first = values(.he, count: 1000)
    #expect(Set([first, values(.he, count: 1000, stream: 1), values(.he, count: 1000, seed: 4)]).count == 3)
    let second = values(.he, stream: 1)
    // The correlation of independent numbers has the deviation 1 / √n.
    let products = zip(values(.he), second).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
    let n = Double(Self.count)
    #expect(abs(products / 0.01 / n) < 4 / n.squareRoot())
  }

  /// An element does not depend on how many there are: a wider layer begins like a narrow one.
  @Test(arguments: 1...9)
  func anElementIsAFunctionOfItsPlace(count: Int) {
    #expect(values(.he, count: count) == Array(values(.he, count: 100).prefix(count)))
  }

  /// A change here changes the result of every run.
  @Test func theStartOfANetworkIsFixed() throws {
    let plan = try Network(input: [13]) {
      Dense(units: 17)
      Dense(units: 9, bias: false, initialiser: .glorot)
      Dense(units: 5, initialiser: .lecun)
      Dense(units: 3, initialiser: .normal(mean: 0.1, deviation: 0.01))
    }.plan(microBatch: 1)
    let parameters = FlatBuffer(count: plan.layout.count)
    plan.initialise(parameters.view, seed: 42)
    #expect(Digest(of: parameters.view, layout: plan.layout).hex == Self.start)
  }

  static let start = "69b1018886dd7baef11034e1cc675db5e54329c51c012ce24cbfd8ada0978bfa"
}
