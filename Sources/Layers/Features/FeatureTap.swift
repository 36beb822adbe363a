import Kernels
import Tensors

// B samples, C numbers of a sample.

/// Compares in training what passes it with what a teacher has there, and hands it on as it is: no layer of a configuration.
///
/// Of the squared distance, the mean over a sample's numbers, it adds the gradient to that of what is behind it. Romero et al.: *FitNets:
/// hints for thin deep nets* (ICLR 2015).
struct FeatureTap: Layer {
  static let kind = "feature"
  /// Which of a pass's features it is.
  let number: Int

  /// Its place counts for no other.
  var ownName: String? { "feature-\(number)" }
  func outputShape(for input: Shape) -> Shape { input }
  var placement: Placement { .alias }
  var featureFlow: FeatureFlow { .kept }
  func lastRead(at position: Int, of input: Shape) -> Int { position }

  func bind(_ binding: Binding) -> any BoundLayer {
    BoundFeatureTap(
      number: number, x: binding.input, index: binding.index, B: binding.microBatch,
      count: binding.microBatch * binding.inputShape.count, wantsInputGradient: binding.wantsInputGradient)
  }
}

private struct BoundFeatureTap: BoundLayer {
  let number: Int, x: Int, index: Int, B: Int, count: Int
  let wantsInputGradient: Bool

  /// The gradient of the distance: what it is computed of may be overwritten before backward comes.
  var workspace: Workspace { Workspace(saved: count) }

  func forward(_ lane: borrowing Lane) {
    guard let pass = lane.features, case .training = lane.mode else { return }
    let gradient = lane.saved[index]
    gradient.clear()
    pass.add(lane.values[x], number, valid: lane.validCount, rows: B, gradient: gradient)
  }

  func backward(_ lane: borrowing Lane) {
    guard lane.features != nil, wantsInputGradient, case .training = lane.mode else { return }
    Kernels.add(lane.gradients[x], lane.saved[index], into: lane.gradients[x])
  }
}

/// What a teacher has of a micro-batch at the places that a student is compared at, and how far the student is from it.
package final class FeaturePass: @unchecked Sendable {
  /// By feature, B × C each.
  private let taught: [FloatView]
  /// What the distances count.
  private let weight: Float
  /// What each sample weighs; nil: 1.
  package var sampleWeights: FloatView?
  /// Of the pass that was last.
  package private(set) var sum = 0.0

  package init(_ taught: [FloatView], weight: Float) { (self.taught, self.weight) = (taught, weight) }

  /// To be called before a pass.
  package func begin() { sum = 0 }

  /// Adds the distance of the first `valid` of `rows` samples, and overwrites its gradient, which was zeros.
  fileprivate func add(_ x: FloatView, _ number: Int, valid: Int, rows: Int, gradient: FloatView) {
    let target = taught[number]
    guard let sampleWeights else {
      sum +=
        Double(weight)
        * Kernels.imitation(x, teacher: target, rows: rows, valid: valid, share: 1, weight: weight, gradient: gradient)
      return
    }
    let width = x.count / rows
    for row in 0..<valid where sampleWeights[row] != 0 {
      let (place, own) = (row * width..<(row + 1) * width, sampleWeights[row])
      sum +=
        Double(weight) * Double(own)
        * Kernels.imitation(
          x[place], teacher: target[place], rows: 1, valid: 1, share: 1, weight: weight * own, gradient: gradient[place]
        )
    }
  }
}
