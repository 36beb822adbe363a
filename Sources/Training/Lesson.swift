import Losses
import Tensors

/// What a teacher says of all training samples, and how it counts: computed once, before the first step.
package final class Lesson: Sendable {
  package let distillation: Distillation
  /// Outputs of a sample.
  package let width: Int
  /// N × width, in the order of the samples.
  private let outputs: FloatView
  /// What it has between its layers.
  let features: [Feature]
  /// What the distance of a feature counts.
  let featureWeight: Float

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
      for (place, sample) in samples.enumerated() {
        rows[place * width..<(place + 1) * width].assign(outputs[sample * width..<(sample + 1) * width])
      }
    }
  }

  /// - Parameters:
  ///   - outputs: of all samples, as the network gives them, before a loss makes probabilities of them.
  ///   - features: what it has at the places where the student's plan compares itself, in the same order.
  package init(
    _ distillation: Distillation, outputs: FlatBuffer, width: Int, features: [Feature] = [], featureWeight: Float = 1
  ) {
    precondition(width > 0 && outputs.count % width == 0, "\(outputs.count) outputs in rows of \(width)")
    (self.distillation, self.outputs, self.width) = (distillation, outputs.view, width)
    (self.features, self.featureWeight) = (features, featureWeight)
  }

  /// Overwrites `rows` (S × width) with those of `samples` (S).
  func gather(_ samples: UnsafeBufferPointer<Int>, into rows: FloatView) {
    for (place, sample) in samples.enumerated() {
      rows[place * width..<(place + 1) * width].assign(outputs[sample * width..<(sample + 1) * width])
    }
  }
}
