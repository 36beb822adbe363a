import Datasets
import Metrics
import Tensors

/// A tally of one of several outputs: it is shown that output, and its target, alone.
struct PartTally: Tally {
  private let tally: any Tally
  private let range: Range<Int>
  private let isClass: Bool
  /// The target's place among those of a sample, and how many these are.
  private let number: Int
  private let targets: Int
  private let name: String

  init(_ tally: any Tally, of part: OutputPart, number: Int, among targets: Int) {
    (self.tally, range, isClass, name) = (tally, part.range, part.classes != nil, part.name)
    (self.number, self.targets) = (number, targets)
  }

  var countWidth: Int { tally.countWidth }
  var sumWidth: Int { tally.sumWidth }

  func add(_ batch: ScoredBatch, to cells: TallyCells) {
    guard case .values(let all) = batch.targets else { preconditionFailure("expected numbers, found classes") }
    let (rows, width, columns) = (batch.rows, range.count, batch.outputs.count / batch.rows)
    let (outputs, truths) = (FlatBuffer(count: rows * width), FlatBuffer(count: rows))
    for row in 0..<rows {
      for place in 0..<width {
        outputs.view[row * width + place] = batch.outputs[row * columns + range.lowerBound + place]
      }
      truths.view[row] = all[row * targets + number]
    }
    guard isClass else {
      let own = ScoredBatch(outputs: outputs.view, targets: .values(truths.view), rows: rows, valid: batch.valid)
      return tally.add(own, to: cells)
    }
    truths.view.array.map { Int32($0) }.withUnsafeBufferPointer { classes in
      tally.add(
        ScoredBatch(outputs: outputs.view, targets: .classes(classes), rows: rows, valid: batch.valid), to: cells)
    }
  }

  func report(_ totals: Totals, digits: Int) -> String? {
    tally.report(totals, digits: digits).map { "\(name)\n\($0)" }
  }

  static func == (one: PartTally, other: PartTally) -> Bool {
    one.number == other.number && AnyHashable(one.tally) == AnyHashable(other.tally)
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(number)
    hasher.combine(AnyHashable(tally))
  }
}

extension LearningTask {
  /// What one of several outputs is asked for.
  init(_ part: OutputPart, _ number: Int, of targets: Int, _ dataset: Dataset) {
    if let classes = part.classes {
      self = .classes(names: classes)
      return
    }
    var reference: [Double]?
    if case .values(let values, let width) = dataset.targets, width == targets, values.count > number {
      reference = [Double(values[number])]
    }
    self = .values(names: nil, reference: reference)
  }
}
