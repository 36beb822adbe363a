import Datasets
import Losses
import Metrics
import Tensors

/// A tally of one of several outputs: it is shown that output, and its target, alone.
struct PartTally: Tally {
  private let tally: any Tally
  private let part: LossPart
  /// The target's place among those of a sample, and how many these are.
  private let number: Int
  private let targets: Int

  init(_ tally: any Tally, of part: LossPart, number: Int, among targets: Int) {
    (self.tally, self.part, self.number, self.targets) = (tally, part, number, targets)
  }

  var countWidth: Int { tally.countWidth }
  var sumWidth: Int { tally.sumWidth }

  func add(_ batch: ScoredBatch, to cells: TallyCells) {
    guard case .values(let all) = batch.targets else { preconditionFailure("expected numbers, found classes") }
    let (rows, width, columns) = (batch.rows, part.range.count, batch.outputs.count / batch.rows)
    let (outputs, truths) = (FlatBuffer(count: rows * width), FlatBuffer(count: rows))
    for row in 0..<rows {
      for place in 0..<width {
        outputs.view[row * width + place] = batch.outputs[row * columns + part.range.lowerBound + place]
      }
      truths.view[row] = all[row * targets + number]
    }
    guard part.loss.takesClasses else {
      let points = part.loss.points(outputs.view)
      let own = ScoredBatch(outputs: points, targets: .values(truths.view), rows: rows, valid: batch.valid)
      return tally.add(own, to: cells)
    }
    truths.view.array.map { Int32($0) }.withUnsafeBufferPointer { classes in
      let own = ScoredBatch(
        outputs: outputs.view, targets: .classes(classes), rows: rows, valid: batch.valid, ignored: part.loss.ignored)
      tally.add(own, to: cells)
    }
  }

  func report(_ totals: Totals, digits: Int) -> String? {
    tally.report(totals, digits: digits).map { "\(part.name)\n\($0)" }
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
  init(_ part: LossPart, _ number: Int, of targets: Int, _ dataset: Dataset) {
    if let classes = part.classes {
      self = part.isBinary ? .binary(names: classes) : .classes(names: classes)
      return
    }
    var reference: [Double]?
    if case .values(let values, let width) = dataset.targets, width == targets, values.count > number {
      reference = [Double(values[number])]
    }
    self = .values(names: nil, reference: reference)
  }
}
