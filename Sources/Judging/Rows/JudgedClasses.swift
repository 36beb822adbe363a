import Diagnostics

/// Probabilities of classes beside the true ones.
///
/// Letters: N rows, K classes, L labels of a row.
public struct JudgedClasses: Sendable {
  /// K of them.
  public let names: [String]
  /// The class that figures of two classes are about, such as precision by recall: the second one, if nothing else is said.
  public var positive = 1
  /// Of two classes, the one that is predicted where its probability is at least as large; nil: the class with the larger
  /// probability, the first of equals.
  public var threshold: (class: Int, least: Double)?
  /// Of two classes, what is told of decisions: what they cost, about the positive class; nil: they have no costs.
  public var cost: DecisionCost?
  private var probabilities: RowNumbers<Float>
  private let targets: RowNumbers<Int32>
  /// Numbers from a row to the next; 0 where one stands for all.
  private var stride: Int
  /// Where the probability of class 1 stands in a row, of a yes or no; nil where each class has its own.
  private var column: Int?
  private let targetStride: Int
  private let targetColumn: Int

  /// A probability for each class: N×K, row-major, or K for all rows; targets N.
  public init(names: [String], probabilities: RowNumbers<Float>, targets: RowNumbers<Int32>) {
    precondition(names.count > 1, "expected several classes, found \(names.count)")
    (self.names, self.probabilities, self.targets) = (names, probabilities, targets)
    stride = probabilities.count == names.count && targets.count != 1 ? 0 : names.count
    (column, targetStride, targetColumn) = (nil, 1, 0)
    precondition(
      stride == 0 || probabilities.count == targets.count * stride,
      "expected \(targets.count)×\(names.count) probabilities, found \(probabilities.count)")
  }

  /// A yes or no: the probability of yes, N×L, or L for all rows, and targets N×L of 0 and 1, of which one label is looked at.
  public init(
    names: [String] = ["no", "yes"], yes probabilities: RowNumbers<Float>, targets: RowNumbers<Int32>, label: Int = 0,
    of labels: Int = 1
  ) {
    precondition(names.count == 2, "expected two names, found \(names)")
    precondition((0..<labels).contains(label) && targets.count % labels == 0, "label \(label) of \(labels)")
    (self.names, self.probabilities, self.targets) = (names, probabilities, targets)
    stride = probabilities.count == labels && targets.count != labels ? 0 : labels
    (column, targetStride, targetColumn) = (label, labels, label)
    precondition(
      stride == 0 || probabilities.count == targets.count,
      "expected \(targets.count) probabilities, found \(probabilities.count)")
  }

  public var count: Int { targets.count / targetStride }

  /// The probability that was given to a class.
  @inline(__always)
  package func probability(of number: Int, _ row: Int) -> Double {
    guard let column else { return Double(probabilities[row * stride + number]) }
    let yes = Double(probabilities[row * stride + column])
    return number == 1 ? yes : 1 - yes
  }

  /// Overwrites `sums` (K) with the sums of what rows give each class, in the order of the rows: exact for rows that say the same,
  /// up to a hundred million of them.
  package func sumProbabilities(_ rows: [Int], into sums: inout [Double]) {
    guard stride == names.count, column == nil else {
      for number in names.indices {
        // One stands for all.
        let looked = stride == 0 ? Array(rows.prefix(1)) : rows
        sums[number] = looked.reduce(0) { $0 + probability(of: number, $1) }
      }
      return
    }
    for number in sums.indices { sums[number] = 0 }
    let all = probabilities.elements
    sums.withUnsafeMutableBufferPointer { sums in
      for row in rows {
        let own = UnsafeBufferPointer(rebasing: all[row * stride..<(row + 1) * stride])
        for number in 0..<sums.count { sums[number] += Double(own[number]) }
      }
    }
  }

  /// The score that rows are sorted by for a class: its probability; of a yes or no what has the same order, without rounding.
  @inline(__always)
  package func score(of number: Int, _ row: Int) -> Float {
    guard let column else { return probabilities[row * stride + number] }
    let yes = probabilities[row * stride + column]
    return number == 1 ? yes : -yes
  }

  /// The true class.
  @inline(__always)
  package func target(_ row: Int) -> Int { Int(targets[row * targetStride + targetColumn]) }

  /// The class that is predicted.
  package func prediction(_ row: Int) -> Int {
    if let threshold, names.count == 2 {
      return probability(of: threshold.class, row) >= threshold.least ? threshold.class : 1 - threshold.class
    }
    if column != nil { return probability(of: 1, row) > 0.5 ? 1 : 0 }
    var best = 0
    let first = row * stride
    for number in 1..<names.count where probabilities[first + number] > probabilities[first + best] { best = number }
    return best
  }

  /// The same rows, of which other probabilities are said: one for each class, N×K.
  package func saying(_ probabilities: RowNumbers<Float>) -> JudgedClasses {
    var other = self
    precondition(probabilities.count == count * names.count, "expected \(count)×\(names.count) probabilities")
    (other.probabilities, other.stride, other.column) = (probabilities, names.count, nil)
    return other
  }

  /// Whether there is one probability a row, that of yes.
  package var isYesOrNo: Bool { column != nil }

  /// The same rows, of which other probabilities of yes are said: N.
  package func sayingYes(_ probabilities: RowNumbers<Float>) -> JudgedClasses {
    var other = self
    precondition(isYesOrNo && probabilities.count == count, "expected \(count) probabilities of yes")
    (other.probabilities, other.stride, other.column) = (probabilities, 1, 0)
    return other
  }

  /// The same rows, of which the same probabilities are said, K; without a threshold.
  package func sayingForAll(_ probabilities: [Float]) -> JudgedClasses {
    var other = self
    precondition(probabilities.count == names.count, "expected \(names.count) probabilities")
    (other.probabilities, other.stride, other.column, other.threshold) = (RowNumbers(probabilities), 0, nil, nil)
    return other
  }

  /// The probability of the positive class where the same is said of all rows; nil where rows differ.
  package var positiveOfAll: Double? { stride == 0 && column == nil && count > 0 ? probability(of: positive, 0) : nil }

  fileprivate func firstBad() -> (row: Int, fault: String)? {
    if let place = probabilities.elements.firstIndex(where: { !$0.isFinite }) {
      return (stride == 0 ? 0 : place / stride, "expected a probability, found \(probabilities[place])")
    }
    let classes = Int32(names.count)
    if let place = targets.elements.firstIndex(where: { $0 < 0 || $0 >= classes }) {
      return (place / targetStride, "expected a class in 0..<\(classes), found \(targets[place])")
    }
    return nil
  }

  func check() throws {
    guard let (row, fault) = firstBad() else { return }
    throw Failure(
      .badData, at: "row \(row + 1)", fault,
      cure: "look for weights that are not finite, or for features that are far from those of training")
  }
}
