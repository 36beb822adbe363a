import Losses
import Tensors

/// What a teacher says of all training samples, and how it counts: computed once, before the first step.
package final class Lesson: Sendable {
  package let distillation: Distillation
  /// Outputs of a sample.
  package let width: Int
  /// N × width, in the order of the samples.
  private let outputs: FloatView

  /// - Parameter outputs: of all samples, as the network gives them, before a loss makes probabilities of them.
  package init(_ distillation: Distillation, outputs: FlatBuffer, width: Int) {
    precondition(width > 0 && outputs.count % width == 0, "\(outputs.count) outputs in rows of \(width)")
    (self.distillation, self.outputs, self.width) = (distillation, outputs.view, width)
  }

  /// Overwrites `rows` (S × width) with those of `samples` (S).
  func gather(_ samples: UnsafeBufferPointer<Int>, into rows: FloatView) {
    for (place, sample) in samples.enumerated() {
      rows[place * width..<(place + 1) * width].assign(outputs[sample * width..<(sample + 1) * width])
    }
  }
}
