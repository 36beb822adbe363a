import Configuration

extension ConfigReader {
  /// `probability`: in how many cases of 1 a sample is changed.
  func probability(default value: Double) throws -> Double {
    try double("probability", default: value, in: 0...1)
  }

  /// Two numbers, the second at least the first: what is drawn lies between them.
  func range<I: Interval<Double>>(
    _ key: String, default value: ClosedRange<Double>, in interval: I
  ) throws -> ClosedRange<Double> {
    let ends = try doubles(key, default: [value.lowerBound, value.upperBound], in: interval)
    guard ends.count == 2, ends[0] <= ends[1] else {
      throw failure(
        at: key, "expected two numbers, the lower one first, found \(ends.map { "\($0)" }.joined(separator: ", "))",
        cure: "for example [\(value.lowerBound), \(value.upperBound)]")
    }
    return ends[0]...ends[1]
  }

  /// What an augmentation may write in place of what is not there, as part of white.
  func fill() throws -> Float { Float(try double("fill", default: 0, in: 0...1)) }
}
