import Augmentations
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
  private let augmenter: Augmenter?
  private let lesson: Lesson?
  /// What the teacher says of the samples, or what it is to be asked of them; nil: there is none.
  private let taught: FlatBuffer?
  /// What it has of them between its layers, a buffer a feature, and of each leaf.
  private let taughtFeatures: [FlatBuffer]
  private let featurePasses: [FeaturePass]
  /// What each sample's own target counts; nil: targets are not mixed.
  private let shares: FlatBuffer?
  /// The classes, or the numbers, of the samples before, which targets are mixed with.
  private let otherClasses: NumberBuffer<Int32>?
  private let otherValues: FlatBuffer?
  /// Classes a sample.
  private let classWidth: Int
  private let sampleBuffer: NumberBuffer<Int>
  /// Present samples a leaf.
  private let validCounts: NumberBuffer<Int>

  /// Room for `leaves` micro-batches, with targets in the form that `loss` takes.
  ///
  /// - Parameters:
  ///   - augmenter: what changes the samples of an epoch; nil: nothing does.
  ///   - lesson: what a teacher says of them, as they are without being changed; nil: there is none.
  package init(
    dataset: Dataset, loss: any Loss, microBatch: Int, leaves: Int, augmenter: Augmenter? = nil, lesson: Lesson? = nil
  ) {
    self.dataset = dataset
    self.loss = loss
    self.microBatch = microBatch
    features = FlatBuffer(count: leaves * microBatch * dataset.shape.count)
    classWidth = dataset.classesPerSample
    classBuffer = NumberBuffer(count: leaves * microBatch * classWidth, repeating: 0)
    valueWidth = loss.takesClasses ? 0 : dataset.valueWidth ?? 0
    values = FlatBuffer(count: leaves * microBatch * valueWidth)
    weightBuffer = dataset.weights.map { _ in FlatBuffer(count: leaves * microBatch) }
    self.augmenter = augmenter
    self.lesson = lesson
    taught = lesson.map { FlatBuffer(count: leaves * microBatch * $0.gatheredWidth) }
    let features = lesson?.features ?? []
    let buffers = features.map { FlatBuffer(count: leaves * microBatch * $0.width) }
    taughtFeatures = buffers
    featurePasses =
      features.isEmpty
      ? []
      : (0..<leaves).map { leaf in
        FeaturePass(
          zip(features, buffers).map { feature, buffer in
            let size = microBatch * feature.width
            return buffer.view[leaf * size..<(leaf + 1) * size]
          }, weight: lesson!.featureWeight)
      }
    let mixes = augmenter?.mixes == true
    shares = mixes ? FlatBuffer(count: leaves * microBatch) : nil
    otherClasses = mixes && valueWidth == 0 ? NumberBuffer(count: leaves * microBatch * classWidth, repeating: 0) : nil
    otherValues = mixes && valueWidth > 0 ? FlatBuffer(count: leaves * microBatch * valueWidth) : nil
    sampleBuffer = NumberBuffer(count: leaves * microBatch, repeating: 0)
    validCounts = NumberBuffer(count: leaves, repeating: 0)
  }

  private var classes: UnsafeMutableBufferPointer<Int32> { classBuffer.elements }
  private var samples: UnsafeMutableBufferPointer<Int> { sampleBuffer.elements }

  /// Gathers `count` samples (at most the micro-batch) into leaf `leaf`; absent samples become zeros.
  ///
  /// `choose` overwrites the numbers of the samples. They are changed as in `epoch`, from 0, where there is an augmenter; nil: they
  /// are left as they are. Several threads may stage different leaves at the same time.
  package func stage(leaf: Int, count: Int, epoch: Int? = nil, choose: (UnsafeMutableBufferPointer<Int>) -> Void) {
    let first = leaf * microBatch
    choose(UnsafeMutableBufferPointer(rebasing: samples[first..<first + count]))
    validCounts.elements[leaf] = count
    let present = UnsafeBufferPointer(rebasing: samples[first..<first + count])
    let width = dataset.shape.count
    let rows = input(leaf)
    let mixed = shares?.view[first..<first + count]
    if let augmenter, let epoch {
      augmenter.gather(present, of: dataset, epoch: epoch, into: rows[0..<count * width], shares: mixed)
    } else {
      dataset.gather(present, into: rows[0..<count * width])
    }
    if valueWidth > 0 {
      dataset.gatherValues(present, into: values.view[first * valueWidth..<(first + count) * valueWidth])
    } else if dataset.classNames != nil {
      let places = first * classWidth..<(first + count) * classWidth
      dataset.gatherClasses(present, into: UnsafeMutableBufferPointer(rebasing: classes[places]))
    }
    if let mixed { mixTargets(first, count, mixed) }
    if let lesson, let taught {
      let width = lesson.gatheredWidth
      lesson.gather(present, into: taught.view[first * width..<(first + count) * width])
      // Who is asked reads the others too.
      if lesson.asked != nil { taught.view[(first + count) * width..<(first + microBatch) * width].clear() }
      for (feature, buffer) in zip(lesson.features, taughtFeatures) {
        feature.gather(present, into: buffer.view[first * feature.width..<(first + count) * feature.width])
      }
    }
    if let weightBuffer { dataset.gatherWeights(present, into: weightBuffer.view[first..<first + count]) }
    rows[count * width..<rows.count].clear()
    for place in (first + count) * classWidth..<(first + microBatch) * classWidth { classes[place] = 0 }
  }

  /// Numbers are mixed here; of classes the loss takes both.
  private func mixTargets(_ first: Int, _ count: Int, _ shares: FloatView) {
    func before(_ row: Int) -> Int { first + (row > 0 ? row - 1 : count - 1) }
    if let otherValues {
      let (all, W) = (values.view, valueWidth)
      otherValues.view[first * W..<(first + count) * W].assign(all[first * W..<(first + count) * W])
      for row in 0..<count where shares[row] != 1 {
        for index in 0..<W {
          let place = (first + row) * W + index
          all[place] = shares[row] * all[place] + (1 - shares[row]) * otherValues.view[before(row) * W + index]
        }
      }
    }
    if let otherClasses {
      for row in 0..<count {
        for index in 0..<classWidth {
          otherClasses.elements[(first + row) * classWidth + index] = classes[before(row) * classWidth + index]
        }
      }
    }
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
      input: input(leaf), targets: targets(leaf), weights: weights(leaf), mixture: mixture(leaf),
      lesson: lesson.flatMap { lesson in
        let size = microBatch * lesson.gatheredWidth
        return taught.map { (lesson.distillation, $0.view[leaf * size..<(leaf + 1) * size]) }
      }, features: featurePasses.isEmpty ? nil : featurePasses[leaf], valid: validCount(leaf))
  }

  private func mixture(_ leaf: Int) -> TargetMixture? {
    guard let shares, let otherClasses else { return nil }
    let first = leaf * microBatch
    return TargetMixture(
      others: UnsafeBufferPointer(
        rebasing: otherClasses.elements[first * classWidth..<(first + microBatch) * classWidth]),
      shares: shares.view[first..<first + microBatch])
  }
}
