import CKernels
import Tensors

extension Kernels {
  /// The sum over the first `valid` of `rows` rows of T² KL(softmax(t / T) ‖ softmax(x / T)) of logits x and a teacher's t, both B×C.
  ///
  /// `gradient` (B×C), of another loss until now, becomes (1 - share) of that plus `share` times `weight` of the gradient of
  /// this sum, which counts once itself; its rows from `valid` on stay as they are. It may not be the logits.
  package static func distillation(
    _ logits: FloatView, teacher: FloatView, rows: Int, valid: Int, temperature: Float, share: Float,
    weight: Float = 1, gradient: FloatView
  ) -> Double {
    check(logits, teacher, gradient, rows, valid)
    return ck_distillation(
      gradient.base, logits.base, teacher.base, Int64(rows), Int64(logits.count / rows), Int64(valid), temperature,
      share, weight)
  }

  /// The same of logits that are a yes or no each, which is a choice between them and 0: the sum over the first `valid` rows of the
  /// mean over a row's outputs.
  package static func binaryDistillation(
    _ logits: FloatView, teacher: FloatView, rows: Int, valid: Int, temperature: Float, share: Float,
    weight: Float = 1, gradient: FloatView
  ) -> Double {
    check(logits, teacher, gradient, rows, valid)
    let columns = logits.count / rows
    let count = valid * columns
    var sum = 0.0
    // Pairs of a logit and a 0, some at a time.
    let most = 64
    withUnsafeTemporaryAllocation(of: Float.self, capacity: 6 * most) { pairs in
      pairs.initialize(repeating: 0)
      let (x, t, g) = (pairs.baseAddress!, pairs.baseAddress! + 2 * most, pairs.baseAddress! + 4 * most)
      for first in stride(from: 0, to: count, by: most) {
        let some = min(most, count - first)
        for place in 0..<some {
          x[2 * place] = logits[first + place]
          t[2 * place] = teacher[first + place]
          g[2 * place] = gradient[first + place]
        }
        sum += ck_distillation(g, x, t, Int64(some), 2, Int64(some), temperature, share, weight / Float(columns))
        for place in 0..<some {
          gradient[first + place] = g[2 * place]
          g[2 * place + 1] = 0
        }
      }
    }
    return sum / Double(columns)
  }

  /// The same of numbers: the sum over the first `valid` rows of the mean over a row's outputs of the squared distance.
  package static func imitation(
    _ outputs: FloatView, teacher: FloatView, rows: Int, valid: Int, share: Float, weight: Float = 1,
    gradient: FloatView
  ) -> Double {
    check(outputs, teacher, gradient, rows, valid)
    return ck_imitation(
      gradient.base, outputs.base, teacher.base, Int64(rows), Int64(outputs.count / rows), Int64(valid), share, weight)
  }

  private static func check(
    _ outputs: FloatView, _ teacher: FloatView, _ gradient: FloatView, _ rows: Int, _ valid: Int
  ) {
    precondition(
      outputs.count % rows == 0 && teacher.count == outputs.count && gradient.count == outputs.count && valid <= rows,
      "\(outputs.count) outputs, \(teacher.count) of the teacher, \(gradient.count) of the gradient; \(valid) of \(rows) rows"
    )
    precondition(gradient.base != outputs.base, "the gradient lies where the outputs are still read")
  }
}
