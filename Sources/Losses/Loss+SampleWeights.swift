import Tensors

// Letters: B samples of a micro-batch, T positions of a sample, C outputs of a position, w a sample's weight.
extension Loss {
  /// What the first `valid` of `rows` samples weigh, each so many times as much as `weights`, B of them, say: Σ w · weight.
  ///
  /// Nil: each once. Weights of one give the bits of none.
  package func weight(of targets: Targets, weights: FloatView?, rows: Int, valid: Int) -> Double {
    guard let weights else { return weight(of: targets, rows: rows, valid: valid) }
    var sum = 0.0
    for row in 0..<valid where weights[row] != 0 {
      sum += Double(weights[row]) * weight(of: targets.sample(row, of: rows), rows: 1, valid: 1)
    }
    return sum
  }

  /// The sum over the first `valid` of `rows` samples of w times the loss, samples ascending: each is a micro-batch of one to
  /// the loss itself.
  ///
  /// Overwrites `gradient`, where given, with the gradient of that sum: w times that of the loss, rounded once more. Samples
  /// of weight 0 have none, whatever their loss is. Nil as `weights`: each once; weights of one give the bits of none.
  package func sum(
    _ outputs: FloatView, _ targets: Targets, weights: FloatView?, rows: Int, valid: Int, gradient: FloatView?
  ) -> Double {
    guard let weights else { return sum(outputs, targets, rows: rows, valid: valid, gradient: gradient) }
    let width = outputs.count / rows
    var total = 0.0
    for row in 0..<valid {
      let (weight, place) = (weights[row], row * width..<(row + 1) * width)
      let own = gradient.map { $0[place] }
      guard weight != 0 else {
        own?.clear()
        continue
      }
      let loss = sum(outputs[place], targets.sample(row, of: rows), rows: 1, valid: 1, gradient: own)
      total += Double(weight) * loss
      guard weight != 1, let own else { continue }
      for index in 0..<own.count { own[index] *= weight }
    }
    gradient?[valid * width..<rows * width].clear()
    return total
  }
}

extension Targets {
  /// Those of one of `rows` samples.
  package func sample(_ row: Int, of rows: Int) -> Targets {
    switch self {
    case .classes(let classes):
      let count = classes.count / rows
      return .classes(UnsafeBufferPointer(rebasing: classes[row * count..<(row + 1) * count]))
    case .values(let values):
      let count = values.count / rows
      return .values(values[row * count..<(row + 1) * count])
    }
  }
}
