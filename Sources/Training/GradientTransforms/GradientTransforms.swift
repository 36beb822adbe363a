import Reduction
import Tensors

/// The gradient transforms of a run, one after the other, on the way from the sum to the update.
///
/// They share passes over the owned chunks as far as they can: a new pass begins where a transform has to see the whole
/// gradient first.
///
/// ```
/// noise, clip, round
/// pass 1: sum, noise, note for clip    all ranks exchange    pass 2: clip, round, update
/// ```
final class GradientTransforms {
  private let transforms: [any BoundGradientTransform]
  /// Those whose turn comes in each pass; in the first perhaps none.
  private let passes: [Range<Int>]
  /// The step as it comes to each of them; made once.
  private var steps: [GradientStep]
  private let learned: Range<Int>
  /// The learned slots, ascending; none is empty.
  private let slots: [Range<Int>]

  /// - Parameter mask: what comes before all of them, and once more behind those that may write what it has taken away; nil: nothing.
  init(
    _ transforms: [any GradientTransform], around mask: (any BoundGradientTransform)? = nil, binding: GradientBinding
  ) {
    let mayWrite = transforms.contains { !($0 is ClipByGlobalNorm) }
    let masks = [mask].compactMap(\.self)
    let bound = masks + transforms.map { $0.bound(to: binding) } + (mayWrite ? masks : [])
    self.transforms = bound
    let starts = [0] + bound.indices.filter { bound[$0].seesWholeGradient }
    passes = starts.indices.map { starts[$0]..<($0 + 1 < starts.count ? starts[$0 + 1] : bound.count) }
    steps = bound.map { _ in GradientStep(0, weight: 0) }
    learned = binding.layout.learnedRange
    slots = binding.layout.slots.filter { $0.role.isLearned && !$0.range.isEmpty }.map(\.range)
  }

  /// The norm of the last step's gradient, as it came to the first transform that knows it; nil where none does.
  var gradientNorm: Double? {
    for transform in transforms { if let norm = transform.gradientNorm { return norm } }
    return nil
  }

  /// Sums a batch, transforms its gradient, and hands each chunk to `body`, with what makes it the gradient; all ranks call
  /// it, and all lanes `body`, for chunks that share no float.
  func sum(
    _ contribution: Contribution, step number: Int, weight: Double, by reducer: GradientReducer,
    body: (_ range: Range<Int>, _ sum: FloatView, _ scale: Float) -> Void
  ) throws {
    var reached = GradientStep(number, weight: weight)
    for (pass, turns) in passes.enumerated() {
      for turn in turns {
        steps[turn] = reached
        reached.multiply(by: try transforms[turn].factor(in: reached))
      }
      let (step, next) = (reached, pass + 1 < passes.count ? turns.upperBound : nil)
      func visit(_ range: Range<Int>, _ sum: FloatView) {
        if !turns.isEmpty { rewrite(sum, at: range, turns) }
        let part = range.clamped(to: learned)
        if let next, !part.isEmpty {
          transforms[next].note(sum[part.offset(by: -range.lowerBound)], at: part, in: step)
        }
        if next == nil { body(range, sum, step.scale) }
      }
      if pass == 0 {
        try reducer.sum(contribution, body: visit)
      } else {
        reducer.forEachSum(contribution, body: visit)
      }
    }
  }

  /// Lets the transforms whose turn it is change what lies in slots: the floats between these stay zero.
  private func rewrite(_ sum: FloatView, at range: Range<Int>, _ turns: Range<Int>) {
    var slot = slots.partitionPoint { $0.upperBound > range.lowerBound }
    while slot < slots.count, slots[slot].lowerBound < range.upperBound {
      let part = slots[slot].clamped(to: range)
      let gradient = sum[part.offset(by: -range.lowerBound)]
      for turn in turns { transforms[turn].rewrite(gradient, at: part, in: steps[turn]) }
      slot += 1
    }
  }
}

extension Range<Int> {
  /// The range that lies so much further on.
  fileprivate func offset(by distance: Int) -> Range<Int> { lowerBound + distance..<upperBound + distance }
}
