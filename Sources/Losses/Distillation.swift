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
  /// `gradient` holds that of `hard`, and becomes that of what is returned.
  package func sum(
    hard: Double, _ outputs: FloatView, teacher: FloatView, of meaning: OutputMeaning, rows: Int, valid: Int,
    gradient: FloatView
  ) -> Double {
    mixed(hard, soft(outputs, teacher, meaning, rows: rows, valid: valid, weight: 1, gradient))
  }

  /// The same where samples count otherwise: `weight` is what one counts in the loss, by its own weight and by its class. What the
  /// teacher says of it counts as much, as both are divided by the sum of these.
  package func sum(
    hard: Double, _ outputs: FloatView, teacher: FloatView, of meaning: OutputMeaning, rows: Int, valid: Int,
    gradient: FloatView, weight: (Int) -> Float
  ) -> Double {
    // The first part has its weights already; each sample is a micro-batch of one. Where one counts nothing, its gradient is zero.
    let width = outputs.count / rows
    var sum = 0.0
    for row in 0..<valid {
      let (own, place) = (weight(row), row * width..<(row + 1) * width)
      guard own != 0 else { continue }
      sum +=
        Double(own) * soft(outputs[place], teacher[place], meaning, rows: 1, valid: 1, weight: own, gradient[place])
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
