import Datasets
import Layers
import Losses
import Tensors

/// The gathered, transformed samples of some micro-batches: what lanes read while others are being gathered.
package final class StagedLeaves: @unchecked Sendable {
  private let dataset: Dataset
  private let microBatch: Int
  private let loss: any Loss
  private let features: FlatBuffer
  private let classBuffer: NumberBuffer<Int32>
  private let values: FlatBuffer
  private let valueWidth: Int
  /// One a sample; nil: the data have none.
  private let weightBuffer: FlatBuffer?
  /// Classes a sample.
  private let classWidth: Int
  private let sampleBuffer: NumberBuffer<Int>
  /// Present samples a leaf.
  private let validCounts: NumberBuffer<Int>

  /// Room for `leaves` micro-batches, with targets in the form that `loss` takes.
  package init(dataset: Dataset, loss: any Loss, microBatch: Int, leaves: Int) {
    self.dataset = dataset
    self.loss = loss
    self.microBatch = microBatch
    features = FlatBuffer(count: leaves * microBatch * dataset.shape.count)
    classWidth = dataset.classesPerSample
    classBuffer = NumberBuffer(count: leaves * microBatch * classWidth, repeating: 0)
    valueWidth = loss.takesClasses ? 0 : dataset.valueWidth ?? 0
    values = FlatBuffer(count: leaves * microBatch * valueWidth)
    weightBuffer = dataset.weights.map { _ in FlatBuffer(count: leaves * microBatch) }
    sampleBuffer = NumberBuffer(count: leaves * microBatch, repeating: 0)
    validCounts = NumberBuffer(count: leaves, repeating: 0)
  }

  private var classes: UnsafeMutableBufferPointer<Int32> { classBuffer.elements }
  private var samples: UnsafeMutableBufferPointer<Int> { sampleBuffer.elements }

  /// Gathers `count` samples (at most the micro-batch) into leaf `leaf`; absent samples become zeros.
  ///
  /// `choose` overwrites the numbers of the samples. Several threads may stage different leaves at the same time.
  package func stage(leaf: Int, count: Int, choose: (UnsafeMutableBufferPointer<Int>) -> Void) {
    let first = leaf * microBatch
    choose(UnsafeMutableBufferPointer(rebasing: samples[first..<first + count]))
    validCounts.elements[leaf] = count
    let present = UnsafeBufferPointer(rebasing: samples[first..<first + count])
    let width = dataset.shape.count
    let rows = input(leaf)
    dataset.gather(present, into: rows[0..<count * width])
    if valueWidth > 0 {
      dataset.gatherValues(present, into: values.view[first * valueWidth..<(first + count) * valueWidth])
    } else if dataset.classNames != nil {
      let places = first * classWidth..<(first + count) * classWidth
      dataset.gatherClasses(present, into: UnsafeMutableBufferPointer(rebasing: classes[places]))
    }
    if let weightBuffer { dataset.gatherWeights(present, into: weightBuffer.view[first..<first + count]) }
    rows[count * width..<rows.count].clear()
    for place in (first + count) * classWidth..<(first + microBatch) * classWidth { classes[place] = 0 }
  }

  /// The features of a leaf, micro-batch × shape. A pass may overwrite them.
  package func input(_ leaf: Int) -> FloatView {
    let size = microBatch * dataset.shape.count
    return features.view[leaf * size..<(leaf + 1) * size]
  }

  /// The targets of a leaf.
  package func targets(_ leaf: Int) -> Targets {
    let first = leaf * microBatch
    guard !loss.takesClasses else {
      let places = first * classWidth..<(first + microBatch) * classWidth
      return .classes(UnsafeBufferPointer(rebasing: classes[places]))
    }
    return .values(values.view[first * valueWidth..<(first + microBatch) * valueWidth])
  }

  /// What the samples of a leaf weigh; nil: 1 each. Those of absent ones are anything.
  package func weights(_ leaf: Int) -> FloatView? {
    weightBuffer.map { $0.view[leaf * microBatch..<(leaf + 1) * microBatch] }
  }

  /// Present samples of a leaf: its first rows.
  package func validCount(_ leaf: Int) -> Int { validCounts.elements[leaf] }

  /// What leaf `leaf` is computed from.
  func samples(_ leaf: Int) -> LaneBox.Samples {
    LaneBox.Samples(
      input: input(leaf), targets: targets(leaf), weights: weights(leaf), valid: validCount(leaf))
  }
}
