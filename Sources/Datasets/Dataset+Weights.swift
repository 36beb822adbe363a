import Files
import Tensors

extension Dataset {
  /// What each sample weighs in the loss.
  public enum Weights: Sendable {
    case floats([Float])
    /// Floats of a file, of which memory holds what was gathered lately.
    case mapped(MappedArray<Float>)

    /// How many.
    public var count: Int {
      switch self {
      case .floats(let values): values.count
      case .mapped(let values): values.count
      }
    }

    /// Whether all of them are finite, and at least 0.
    var areUsable: Bool {
      switch self {
      case .floats(let values): return values.allSatisfy { $0 >= 0 && $0.isFinite }
      case .mapped(let values):
        var areUsable = true
        values.forEachBlock { _, block in areUsable = areUsable && block.allSatisfy { $0 >= 0 && $0.isFinite } }
        return areUsable
      }
    }
  }

  /// Overwrites `weights` (S) with what `samples` (S) weigh; the data must have weights.
  package func gatherWeights(_ samples: UnsafeBufferPointer<Int>, into weights: FloatView) {
    guard let all = self.weights else { preconditionFailure("\(source) has no weights") }
    check(samples, 1, weights.count)
    switch all {
    case .floats(let all): for (place, sample) in samples.enumerated() { weights.base[place] = all[sample] }
    case .mapped(let all): for (place, sample) in samples.enumerated() { weights.base[place] = all[sample] }
    }
  }
}
