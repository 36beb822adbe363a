/// The middle of some numbers, and the least and the greatest of them: all rounds count.
package struct Spread: Equatable, Sendable {
  /// The mean of the two in the middle, where the number of them is even.
  package let median: Double
  package let min: Double
  package let max: Double

  package init(median: Double, min: Double, max: Double) { (self.median, self.min, self.max) = (median, min, max) }

  /// Of at least one number.
  package init(_ values: [Double]) {
    precondition(!values.isEmpty, "the median of no numbers")
    let sorted = values.sorted()
    let middle = sorted.count / 2
    median = sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    min = sorted[0]
    max = sorted[sorted.count - 1]
  }
}
