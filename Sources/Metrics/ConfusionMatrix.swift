/// How often each class was predicted for each true class: exact counts, from which all classification scores come.
///
/// ```swift
/// var matrix = ConfusionMatrix(classes: 3)
/// matrix.add(truth: 0, prediction: 2)
/// matrix.accuracy  // 0.0
/// ```
///
/// Counts are integers, so matrices of lanes and ranks add up to the same one in any order.
public struct ConfusionMatrix: Sendable, Equatable {
  public let classes: Int
  /// Row-major, truth × prediction; a rank sends these and rebuilds the sum from them.
  public private(set) var counts: [Int64]

  /// A matrix of zeros.
  public init(classes: Int) { self.init(counts: [Int64](repeating: 0, count: classes * classes), classes: classes) }

  /// A matrix of counts that were taken elsewhere, row-major, truth × prediction.
  public init(counts: [Int64], classes: Int) {
    precondition(classes > 0, "classes must be positive, found \(classes)")
    precondition(counts.count == classes * classes, "expected \(classes)×\(classes) counts, found \(counts.count)")
    self.classes = classes
    self.counts = counts
  }

  /// Counts one sample; both in 0..<classes.
  public mutating func add(truth: Int, prediction: Int) {
    precondition(
      (0..<classes).contains(truth) && (0..<classes).contains(prediction),
      "truth \(truth) and prediction \(prediction) must be in 0..<\(classes)")
    counts[truth * classes + prediction] += 1
  }

  /// Samples of class `truth` for which `prediction` was predicted.
  public subscript(truth: Int, prediction: Int) -> Int64 {
    precondition((0..<classes).contains(prediction), "prediction \(prediction) must be in 0..<\(classes)")
    return counts[truth * classes + prediction]
  }

  /// The matrix of the samples of both.
  public static func + (left: ConfusionMatrix, right: ConfusionMatrix) -> ConfusionMatrix {
    precondition(left.classes == right.classes, "cannot add matrices of \(left.classes) and \(right.classes) classes")
    return ConfusionMatrix(counts: zip(left.counts, right.counts).map { $0 + $1 }, classes: left.classes)
  }

  public static func += (left: inout ConfusionMatrix, right: ConfusionMatrix) { left = left + right }

  /// How many samples were counted.
  public var total: Int64 { counts.reduce(0, +) }
  /// How many of them were predicted right.
  public var correct: Int64 { (0..<classes).reduce(0) { $0 + self[$1, $1] } }
  /// The part that was predicted right, 0...1; 0 without samples.
  public var accuracy: Double { ratio(Double(correct), Double(total)) }
}

/// `a / b`, and 0 where `b` is: the convention of scikit-learn.
func ratio(_ a: Double, _ b: Double) -> Double { b == 0 ? 0 : a / b }
