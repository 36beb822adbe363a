import Kernels
import Tensors

/// How a student learns of a teacher's outputs beside its targets: `(1 - share) · loss + share · T² KL(teacher ‖ student)` of classes whose
/// probabilities are softened by the temperature T; a yes or no is a choice of two; of numbers the squared distance takes the second place.
///
/// Hinton, Vinyals, Dean: *Distilling the knowledge in a neural network* (2015), whose factor T² keeps gradients of one size.
public struct Distillation: Sendable, Equatable {
  /// What logits are divided by; positive.
  public let temperature: Float
  /// Of the loss, what the teacher's outputs count; 0…1.
  public let share: Float

  /// Numbers that cannot be are a programmer's mistake.
  public init(temperature: Float = 2, share: Float = 0.5) {
    precondition(temperature > 0 && (0...1).contains(share), "a temperature of \(temperature), a share of \(share)")
    (self.temperature, self.share) = (temperature, share)
  }

  /// The sum of the losses once the teacher counts, of `hard`, the sum without it, over the first `valid` of `rows` samples.
  ///
  /// `gradient` holds that of `hard`, and becomes that of what is returned. `weights` as those of `Loss.sum`.
  package func sum(
    hard: Double, _ outputs: FloatView, teacher: FloatView, of meaning: OutputMeaning, weights: FloatView?, rows: Int,
    valid: Int,
    gradient: FloatView
  ) -> Double {
    guard let weights else {
      return mixed(hard, soft(outputs, teacher, meaning, rows: rows, valid: valid, weight: 1, gradient))
    }
    // The first part has its weights already; each sample is a micro-batch of one.
    let width = outputs.count / rows
    var sum = 0.0
    for row in 0..<valid where weights[row] != 0 {
      let place = row * width..<(row + 1) * width
      sum +=
        Double(weights[row])
        * soft(outputs[place], teacher[place], meaning, rows: 1, valid: 1, weight: weights[row], gradient[place])
    }
    return mixed(hard, sum)
  }

  private func mixed(_ hard: Double, _ soft: Double) -> Double { (1 - Double(share)) * hard + Double(share) * soft }

  private func soft(
    _ outputs: FloatView, _ teacher: FloatView, _ meaning: OutputMeaning, rows: Int, valid: Int, weight: Float,
    _ gradient: FloatView
  ) -> Double {
    switch meaning {
    case .classes:
      Kernels.distillation(
        outputs, teacher: teacher, rows: rows, valid: valid, temperature: temperature, share: share, weight: weight,
        gradient: gradient)
    case .binary:
      Kernels.binaryDistillation(
        outputs, teacher: teacher, rows: rows, valid: valid, temperature: temperature, share: share, weight: weight,
        gradient: gradient)
    case .values:
      Kernels.imitation(
        outputs, teacher: teacher, rows: rows, valid: valid, share: share, weight: weight, gradient: gradient)
    }
  }
}
