import Datasets
import Layers
import Losses
import Tensors

/// What a teacher says of the training samples, and how it counts.
package final class Lesson: Sendable {
  package let distillation: Distillation
  /// Outputs of a sample.
  package let width: Int
  private let source: Source
  /// What it has between its layers.
  let features: [Feature]
  /// What the distance of a feature counts.
  let featureWeight: Float

  /// Where its outputs come from: the bits are the same.
  package enum Source: Sendable {
    /// They were computed of all samples, before the first step: N × width, in the order of the samples.
    case kept(FloatView)
    /// They are computed in each step, of the samples that it has.
    case asked(AskedTeacher)
  }

  /// What a teacher has of all samples at a place between its layers: N × width, in the order of the samples.
  package struct Feature: Sendable {
    fileprivate let outputs: FloatView
    let width: Int

    package init(_ outputs: FlatBuffer, width: Int) {
      precondition(width > 0 && outputs.count % width == 0, "\(outputs.count) numbers in rows of \(width)")
      (self.outputs, self.width) = (outputs.view, width)
    }

    /// Overwrites `rows` (S × width) with those of `samples` (S).
    func gather(_ samples: UnsafeBufferPointer<Int>, into rows: FloatView) {
      outputs.gather(samples, width: width, into: rows)
    }
  }

  /// - Parameters:
  ///   - source: of outputs as the network gives them, before a loss makes probabilities of them.
  ///   - features: what it has at the places where the student's plan compares itself, in the same order.
  package init(
    _ distillation: Distillation, from source: Source, width: Int, features: [Feature] = [], featureWeight: Float = 1
  ) {
    precondition(width > 0, "a sample has an output at least")
    switch source {
    case .kept(let outputs):
      precondition(outputs.count % width == 0, "\(outputs.count) outputs in rows of \(width)")
    case .asked(let teacher):
      precondition(teacher.plan.outputShape.count == width, "\(teacher.plan.outputShape) outputs are not \(width)")
    }
    (self.distillation, self.source, self.width) = (distillation, source, width)
    (self.features, self.featureWeight) = (features, featureWeight)
  }

  /// Whom lanes ask in each step; nil: all outputs are kept.
  var asked: AskedTeacher? { if case .asked(let teacher) = source { teacher } else { nil } }

  /// Numbers a sample of what is gathered for a step: outputs where they are kept, else what the teacher reads.
  var gatheredWidth: Int { asked?.samples.shape.count ?? width }

  /// Overwrites `rows` (S × gatheredWidth) with those of `samples` (S).
  func gather(_ samples: UnsafeBufferPointer<Int>, into rows: FloatView) {
    switch source {
    case .kept(let outputs): outputs.gather(samples, width: width, into: rows)
    case .asked(let teacher): teacher.samples.gather(samples, into: rows)
    }
  }
}

/// A trained network that says of a micro-batch what it says of each sample, when it is needed.
package struct AskedTeacher: Sendable {
  /// Of the student's micro-batch.
  let plan: Plan
  let parameters: FloatView
  /// The training samples as it reads them: without what changes them at random for the student, and transformed as it learned.
  let samples: Dataset

  package init(_ plan: Plan, parameters: FloatView, samples: Dataset) {
    precondition(samples.shape == plan.network.input, "samples of \(samples.shape) for \(plan.network.input)")
    (self.plan, self.parameters, self.samples) = (plan, parameters, samples)
  }
}

extension FloatView {
  /// Overwrites `rows` (S × width) with the rows `samples` (S) of this.
  fileprivate func gather(_ samples: UnsafeBufferPointer<Int>, width: Int, into rows: FloatView) {
    for (place, sample) in samples.enumerated() {
      rows[place * width..<(place + 1) * width].assign(self[sample * width..<(sample + 1) * width])
    }
  }
}
