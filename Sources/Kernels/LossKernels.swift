import CKernels
import Tensors

extension Kernels {
  /// The sum of the softmax cross-entropies of the first `valid` rows of `logits` (B×C).
  ///
  /// Overwrites `gradient` (may alias `logits`), where given, with the gradient of that sum; rows from `valid` on get 0.
  package static func softmaxCrossEntropy(
    _ logits: FloatView, classes: UnsafeBufferPointer<Int32>, valid: Int, gradient: FloatView?
  ) -> Double {
    let rows = classes.count
    precondition(valid <= rows && logits.count % rows == 0, "\(logits.count) logits, \(rows) classes, \(valid) valid")
    return ck_softmax_cross_entropy(
      gradient?.base, logits.base, classes.baseAddress!, Int64(rows), Int64(logits.count / rows), Int64(valid))
  }

  /// The sum over the first `valid` rows of the mean over a row's outputs of the binary cross-entropy with logits, what a
  /// target of 1 loses counting `positiveWeight` times.
  ///
  /// `logits` and `targets` are B×C. Overwrites `gradient` as `softmaxCrossEntropy` does.
  package static func binaryCrossEntropy(
    _ logits: FloatView, targets: FloatView, rows: Int, valid: Int, positiveWeight: Float = 1, gradient: FloatView?
  ) -> Double {
    checkTargets(logits, targets, rows, valid)
    return ck_binary_cross_entropy(
      gradient?.base, logits.base, targets.base, Int64(rows), Int64(logits.count / rows), Int64(valid), positiveWeight)
  }

  /// The sum over the first `valid` rows of the mean over a row's outputs of the squared error.
  ///
  /// `outputs` and `targets` are B×C. Overwrites `gradient` as `softmaxCrossEntropy` does.
  package static func squaredError(
    _ outputs: FloatView, targets: FloatView, rows: Int, valid: Int, gradient: FloatView?
  ) -> Double {
    checkTargets(outputs, targets, rows, valid)
    return ck_squared_error(
      gradient?.base, outputs.base, targets.base, Int64(rows), Int64(outputs.count / rows), Int64(valid))
  }

  /// The sum of the softmax cross-entropies of the first `valid` rows of `logits` (B×C), targets smoothed and weighted.
  ///
  /// `weights` has C of them or none; rows whose class is `ignored` give 0. Overwrites `gradient` as
  /// `softmaxCrossEntropy` does.
  package static func weightedCrossEntropy(
    _ logits: FloatView, classes: UnsafeBufferPointer<Int32>, valid: Int, weights: [Float], smoothing: Float,
    ignored: Int32?, gradient: FloatView?
  ) -> Double {
    let (rows, columns) = (classes.count, logits.count / classes.count)
    precondition(valid <= rows && logits.count % rows == 0, "\(logits.count) logits, \(rows) classes, \(valid) valid")
    precondition(weights.isEmpty || weights.count == columns, "\(weights.count) weights, \(columns) classes")
    return weights.withUnsafeBufferPointer { weights in
      ck_weighted_cross_entropy(
        gradient?.base, logits.base, classes.baseAddress!, Int64(rows), Int64(columns), Int64(valid),
        weights.isEmpty ? nil : weights.baseAddress, smoothing, ignored.map(Int64.init) ?? .max)
    }
  }

  /// The sum over the first `valid` rows of the mean over a row's outputs of the absolute error.
  ///
  /// `outputs` and `targets` are B×C. Overwrites `gradient` as `softmaxCrossEntropy` does; 0 where there is no error.
  package static func absoluteError(
    _ outputs: FloatView, targets: FloatView, rows: Int, valid: Int, gradient: FloatView?
  ) -> Double {
    checkTargets(outputs, targets, rows, valid)
    return ck_absolute_error(
      gradient?.base, outputs.base, targets.base, Int64(rows), Int64(outputs.count / rows), Int64(valid))
  }

  /// The sum over the first `valid` rows of the mean over a row's outputs of Huber's loss: squares up to `delta`.
  ///
  /// `outputs` and `targets` are B×C. Overwrites `gradient` as `softmaxCrossEntropy` does.
  package static func huber(
    _ outputs: FloatView, targets: FloatView, rows: Int, valid: Int, delta: Float, gradient: FloatView?
  ) -> Double {
    checkTargets(outputs, targets, rows, valid)
    return ck_huber(
      gradient?.base, outputs.base, targets.base, Int64(rows), Int64(outputs.count / rows), Int64(valid), delta)
  }

  /// The sum over the first `valid` rows of the mean over a row's outputs of the quantile loss, 0 < q < 1.
  ///
  /// `outputs` are B×W×Q, `targets` B×W. Overwrites `gradient` as `softmaxCrossEntropy` does; 0 where there is no error.
  package static func quantile(
    _ outputs: FloatView, targets: FloatView, quantiles: [Float], rows: Int, valid: Int, gradient: FloatView?
  ) -> Double {
    precondition(
      outputs.count == targets.count * quantiles.count && valid <= rows && targets.count % rows == 0,
      "\(outputs.count) outputs, \(targets.count) targets, \(quantiles.count) quantiles, \(rows) rows, \(valid) valid")
    return quantiles.withUnsafeBufferPointer { quantiles in
      ck_quantile(
        gradient?.base, outputs.base, targets.base, quantiles.baseAddress!, Int64(rows), Int64(targets.count / rows),
        Int64(quantiles.count), Int64(valid))
    }
  }

  private static func checkTargets(_ outputs: FloatView, _ targets: FloatView, _ rows: Int, _ valid: Int) {
    precondition(
      outputs.count == targets.count && valid <= rows && outputs.count % rows == 0,
      "\(outputs.count) outputs, \(targets.count) targets, \(rows) rows, \(valid) valid")
  }
}
