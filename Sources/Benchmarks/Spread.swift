/// The middle of some numbers, and the least and the greatest of them: all rounds count.
public struct Spread: Equatable, Sendable {
  /// The mean of the two in the middle, where the number of them is even.
  public let median: Double
  public let min: Double
  public let max: Double

  public init(median: Double, min: Double, max: Double) { (self.median, self.min, self.max) = (median, min, max) }

  /// Of at least one number.
  public init(_ values: [Double]) {
    precondition(!values.isEmpty, "the median of no numbers")
    let sorted = values.sorted()
    let middle = sorted.count / 2
    median = sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    min = sorted[0]
    max = sorted[sorted.count - 1]
  }
}
