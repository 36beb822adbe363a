import Kernels
import Tensors

// C channels, the last axis; a gate has one number for each of them.

extension Join {
  /// The shape of the branch that the other one is a gate for; nil where there is no such pair.
  ///
  /// A gate has a number for each channel: C, or 1×1×C, beside H×W×C; C or 1×C beside T×C.
  func gated(_ shapes: [Shape]) -> Shape? {
    guard self == .multiply, shapes.count == 2, shapes[0] != shapes[1] else { return nil }
    let (large, gate) = shapes[0].count >= shapes[1].count ? (shapes[0], shapes[1]) : (shapes[1], shapes[0])
    guard large.rank > 1, let C = large.extents.last, gate.count == C, gate.extents.last == C else { return nil }
    return large
  }
}

/// The product of a branch with a factor for each of its channels, the other branch: squeeze and excitation.
///
/// `y[h,w,c] = x[h,w,c] g[c]`; `dx[h,w,c] = dy[h,w,c] g[c]`, and `dg[c]` is the sum of `dy x` over all positions of a sample, 32 at a
/// time in float and these in double.
struct BoundChannelGate: BoundLayer {
  let x: (place: Int, learns: Bool)
  let gate: (place: Int, learns: Bool)
  let y: Int
  let C: Int

  func forward(_ lane: borrowing Lane) {
    Kernels.scaleRows(lane.tensor(x.place), by: lane.tensor(gate.place), channels: C, into: lane.tensor(y))
  }

  func backward(_ lane: borrowing Lane) {
    if gate.learns {
      Kernels.scaleGradient(
        lane.gradient(y), x: lane.tensor(x.place), channels: C, into: lane.gradient(gate.place))
    }
    if x.learns {
      Kernels.scaleRows(lane.gradient(y), by: lane.tensor(gate.place), channels: C, into: lane.gradient(x.place))
    }
  }
}
