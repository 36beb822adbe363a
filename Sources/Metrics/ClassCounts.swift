/// How often each class occurs, was predicted, and was predicted rightly: exact counts, 3 a class, from which accuracy,
/// precision, recall and F₁ come.
///
/// ```swift
/// var counts = ClassCounts(classes: 3)
/// counts.add(truth: 0, prediction: 2)
/// counts.accuracy  // 0.0
/// ```
///
/// Counts are integers, so those of lanes and ranks add up to the same ones in any order.
public struct ClassCounts: Sendable, Equatable {
  public let classes: Int
  /// Class by class: samples that have it, samples that were given it, samples that rightly were.
  public private(set) var counts: [Int64]

  private static let countsPerClass = 3

  /// How many counts so many classes have.
  public static func width(classes: Int) -> Int { classes * countsPerClass }

  /// Calls `body` with each place in the counts where one sample counts one more.
  public static func count(truth: Int, prediction: Int, body: (_ place: Int) -> Void) {
    body(truth * countsPerClass)
    body(prediction * countsPerClass + 1)
    if truth == prediction { body(truth * countsPerClass + 2) }
  }

  /// Zeros.
  public init(classes: Int) { self.init([Int64](repeating: 0, count: Self.width(classes: classes))) }

  /// Counts that were taken elsewhere.
  public init(_ counts: [Int64]) {
    precondition(
      !counts.isEmpty && counts.count % Self.countsPerClass == 0, "expected 3 counts a class, found \(counts.count)")
    classes = counts.count / Self.countsPerClass
    self.counts = counts
  }

  /// Counts one sample; both in 0..<classes.
  public mutating func add(truth: Int, prediction: Int) {
    precondition(
      (0..<classes).contains(truth) && (0..<classes).contains(prediction),
      "truth \(truth) and prediction \(prediction) must be in 0..<\(classes)")
    Self.count(truth: truth, prediction: prediction) { counts[$0] += 1 }
  }

  /// Samples that have a class.
  public func support(of number: Int) -> Int64 { counts[number * Self.countsPerClass] }
  /// Samples that were given it.
  public func predicted(of number: Int) -> Int64 { counts[number * Self.countsPerClass + 1] }
  /// Samples that rightly were.
  public func right(of number: Int) -> Int64 { counts[number * Self.countsPerClass + 2] }

  /// How many samples were counted.
  public var total: Int64 { (0..<classes).reduce(0) { $0 + support(of: $1) } }
  /// How many of them were predicted right.
  public var correct: Int64 { (0..<classes).reduce(0) { $0 + right(of: $1) } }
  /// The part that was predicted right, 0...1; 0 without samples.
  public var accuracy: Double { ratio(Double(correct), Double(total)) }
}

/// `a / b`, and 0 where `b` is: the convention of scikit-learn.
func ratio(_ a: Double, _ b: Double) -> Double { b == 0 ? 0 : a / b }
