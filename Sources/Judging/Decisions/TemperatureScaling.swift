import Foundation

/// Softmax of logits divided by one temperature T > 0, which leaves the order of the classes alone (Guo, Pleiss, Sun,
/// Weinberger 2017).
///
/// Of probabilities p it is p^(1/T), normalised: the logarithms of softmax's results are its logits but for a constant of
/// the row.
public struct TemperatureScaling: Codable, Equatable, Sendable {
  /// Above 1 where probabilities were too sure.
  public let temperature: Double

  public init(temperature: Double) {
    precondition(temperature > 0 && temperature.isFinite, "expected a temperature above 0, found \(temperature)")
    self.temperature = temperature
  }

  /// The one with the least mean log loss on rows of classes.
  ///
  /// By Newton's method on β = 1/T, in which the loss is convex, each step halved until the loss does not grow; β stays in
  /// 2⁻¹⁰...2¹⁰, as it has no best value where every row is predicted right.
  public init(fittedOn rows: JudgedRows) {
    guard let classes = rows.classes else { preconditionFailure("a temperature is fitted to classes") }
    let width = classes.names.count
    // A float's least number stands for zero, whose logarithm would be infinite.
    let least = Double(Float.leastNonzeroMagnitude)
    func logits(_ place: Int) -> (all: [Double], target: Int) {
      let row = rows.row(place)
      return ((0..<width).map { log(max(classes.probability(of: $0, row), least)) }, classes.target(row))
    }
    /// The loss at β, its slope and its curvature; all of them sums over the rows in their order.
    func look(_ beta: Double) -> (loss: Double, slope: Double, curvature: Double) {
      Resamples.once(rows) { weights in
        var (loss, slope, curvature) = (0.0, 0.0, 0.0)
        for place in 0..<rows.count {
          let (z, target) = logits(place)
          let most = z.max()!
          var (sum, first, second) = (0.0, 0.0, 0.0)
          for value in z {
            let e = exp(beta * (value - most))
            let shifted = value - most
            sum += e
            first += e * shifted
            second += e * shifted * shifted
          }
          let mean = first / sum
          let weight = weights[place]
          loss += weight * (log(sum) - beta * (z[target] - most))
          slope += weight * (mean - (z[target] - most))
          curvature += weight * (second / sum - mean * mean)
        }
        return (loss, slope, curvature)
      }
    }
    var (beta, now) = (1.0, look(1))
    for _ in 0..<100 {
      guard now.curvature > 0, now.slope != 0 else { break }
      var step = -now.slope / now.curvature
      var next = (beta: beta, found: now)
      repeat {
        let tried = min(max(beta + step, 0x1p-10), 0x1p10)
        next = (tried, look(tried))
        step /= 2
      } while next.found.loss > now.loss && abs(step) > 1e-15 * beta
      guard next.found.loss <= now.loss, next.beta != beta else { break }
      let moved = abs(next.beta - beta)
      (beta, now) = (next.beta, next.found)
      if moved <= 1e-14 * beta { break }
    }
    self.init(temperature: 1 / beta)
  }

  /// The calibrated probabilities of a row.
  public func apply(to row: [Double]) -> [Double] {
    let logits = row.map { log($0) / temperature }
    let most = logits.max() ?? 0
    let powers = logits.map { exp($0 - most) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }
}
