import Kernels
import Layers
import Lockstep

// R rows (micro-batch times places in a sample), I inputs, O outputs of a weight O×I.

/// The rate of bare matrix products in the shapes of a model: what its training step is measured against.
///
/// For each weight the three products of a step, `x Wᵀ`, `dyᵀ x` and `dy W`, on one thread a lane, all lanes and ranks at
/// once. The rate is the one at which the products alone would do the model's work: each shape counts by its share of it.
struct MatrixRate {
  private struct Product {
    let R: Int, I: Int, O: Int
    /// Multiplications of the model's step, where `R` is cut.
    let work: Double
  }

  private let products: [Product]

  /// Beyond so many rows a product is no faster.
  private static let mostRows = 4096

  init(_ plan: Plan) {
    products = plan.weights.map { weight in
      let rows = weight.rows * plan.microBatch
      return Product(
        R: min(rows, Self.mostRows), I: weight.inputs, O: weight.outputs,
        work: Double(rows * weight.inputs * weight.outputs))
    }
  }

  /// Floating-point operations a second of all lanes of this rank together, over about `seconds`; nil where the model has
  /// no weights.
  func measure(_ team: LaneTeam, seconds: Double) -> Double? {
    guard !products.isEmpty else { return nil }
    let rates = LaneRates(count: team.count)
    team.run { rates[$0] = measureLane(seconds) }
    return rates.sum
  }

  private func measureLane(_ seconds: Double) -> Double {
    let x = noise(products.map { $0.R * $0.I }.max()!)
    let w = noise(products.map { $0.I * $0.O }.max()!)
    let y = noise(products.map { $0.R * $0.O }.max()!)
    let result = FlatBuffer(count: max(x.count, w.count, y.count)).view
    var spent = Array(repeating: 0.0, count: products.count)
    var rounds = 0.0
    var clock = Stopwatch()
    repeat {
      for (number, product) in products.enumerated() {
        let (R, I, O) = (product.R, product.I, product.O)
        let X = Matrix(x[0..<R * I], rows: R, columns: I)
        let W = Matrix(w[0..<I * O], rows: O, columns: I)
        let dY = Matrix(y[0..<R * O], rows: R, columns: O)
        Kernels.multiply(X, W.transposed, into: Matrix(result[0..<R * O], rows: R, columns: O))
        Kernels.multiply(dY.transposed, X, into: Matrix(result[0..<I * O], rows: O, columns: I))
        Kernels.multiply(dY, W, into: Matrix(result[0..<R * I], rows: R, columns: I))
        spent[number] += clock.lap()
      }
      rounds += 1
    } while spent.reduce(0, +) < seconds
    let done = products.reduce(0) { $0 + $1.work }
    // Seconds that the whole work would take, each shape at its own rate.
    let needed = zip(products, spent).reduce(0.0) { sum, next in
      sum + next.0.work / Double(next.0.R * next.0.I * next.0.O) * next.1 / rounds
    }
    return 6 * done / needed
  }

  private func noise(_ count: Int) -> FloatView {
    let buffer = FlatBuffer(count: count)
    let random = Philox(seed: 1, purpose: .data)
    for index in 0..<count { buffer.view[index] = Float(random.block(stream: 2, index: UInt64(index)).x.unitInterval) }
    return buffer.view
  }
}

/// One number a lane, each written by its own.
private final class LaneRates: @unchecked Sendable {
  private let values: UnsafeMutableBufferPointer<Double>

  init(count: Int) {
    values = .allocate(capacity: count)
    values.initialize(repeating: 0)
  }

  deinit { values.deallocate() }

  subscript(lane: Int) -> Double {
    get { values[lane] }
    set { values[lane] = newValue }
  }

  var sum: Double { values.reduce(0, +) }
}
