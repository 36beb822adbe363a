/// How often each class was predicted for each true class: exact counts.
///
/// ```swift
/// var matrix = ConfusionMatrix(classes: 3)
/// matrix.add(truth: 0, prediction: 2)
/// matrix[0, 2]  // 1
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

  /// How often each class occurs, was predicted, and was predicted rightly: what scores are made of.
  public var perClass: ClassCounts {
    ClassCounts(
      (0..<classes).flatMap { number in
        let (row, column) = ((0..<classes).map { self[number, $0] }, (0..<classes).map { self[$0, number] })
        return [row.reduce(0, +), column.reduce(0, +), self[number, number]]
      })
  }

  /// The part of the samples that was predicted right, 0...1; 0 without samples.
  public var accuracy: Double { perClass.accuracy }

  /// The counts as a table, a row a true class.
  ///
  /// ```
  /// true \ predicted  negative  positive
  ///
  ///         negative       490        22
  ///         positive        18       494
  /// ```
  ///
  /// One name a class. Ends with a line break.
  public func table(names: [String]) -> String {
    precondition(names.count == classes, "expected \(classes) names, found \(names.count)")
    return labelledTable(
      corner: "true \\ predicted", columns: names,
      rows: names.enumerated().map { truth, name in (name, (0..<classes).map { "\(self[truth, $0])" }) })
  }
}
