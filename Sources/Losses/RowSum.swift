import Tensors

// B samples of T rows each, C outputs a row, w a sample's weight.

/// The sum of a loss whose rows come some at a time, ascending: the bits of `Loss.sum` over all at once.
package struct RowSum {
  private let loss: any Loss
  /// B×T
  private let classes: UnsafeBufferPointer<Int32>
  /// B; nil: 1 each.
  private let weights: FloatView?
  /// T
  private let rowsPerSample: Int
  /// Rows of samples that are there.
  private let present: Int
  /// Of samples that have come whole; of all rows where samples have no weights.
  package private(set) var total = 0.0
  /// Of the rows of the sample that is coming.
  private var sampleSum = 0.0

  /// Of the first `valid` of `samples` samples; the loss is a sum over rows of classes.
  package init(_ loss: any Loss, _ targets: Targets, weights: FloatView?, samples: Int, valid: Int) {
    precondition(loss.isSumOverRows, "\(loss.kind) is no sum over rows")
    (self.loss, self.weights, classes) = (loss, weights, loss.classes(targets))
    precondition(classes.count % samples == 0, "\(classes.count) classes for \(samples) samples")
    rowsPerSample = classes.count / samples
    present = valid * rowsPerSample
  }

  /// The classes of rows, and how many of these are there: the first.
  package func targets(of rows: Range<Int>) -> (classes: UnsafeBufferPointer<Int32>, valid: Int) {
    (UnsafeBufferPointer(rebasing: classes[rows]), rows.clamped(to: 0..<present).count)
  }

  /// Adds the losses of the rows `rows`, whose outputs these are, and overwrites `gradient`, where given, with theirs; it may be
  /// `outputs`. Allocates nothing.
  package mutating func add(_ outputs: FloatView, rows: Range<Int>, gradient: FloatView?) {
    let C = outputs.count / rows.count
    for (place, row) in rows.enumerated() {
      let part = place * C..<(place + 1) * C
      let own = gradient.map { $0[part] }
      let weight = row < present ? weights.map { $0[row / rowsPerSample] } ?? 1 : 0
      guard weight != 0 else {
        own?.clear()
        continue
      }
      let target = Targets.classes(UnsafeBufferPointer(rebasing: classes[row...row]))
      let rowLoss = loss.sum(outputs[part], target, rows: 1, valid: 1, gradient: own)
      guard weights != nil else {
        total += rowLoss
        continue
      }
      sampleSum += rowLoss
      if weight != 1, let own { for index in 0..<C { own[index] *= weight } }
      guard (row + 1) % rowsPerSample == 0 else { continue }
      total += Double(weight) * sampleSum
      sampleSum = 0
    }
  }
}
