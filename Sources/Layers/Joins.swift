import Kernels
import Tensors

// What a plan puts between the branches of a combinator. All work on whole micro-batches, first branch first.

/// One tensor for several readers: forward hands on the same memory, backward adds up what they give back.
struct BoundFork: BoundLayer {
  let x: Int
  let branches: [Int]
  let wantsInputGradient: Bool

  func forward(_ lane: borrowing Lane) {}

  func backward(_ lane: borrowing Lane) {
    if wantsInputGradient { lane.gradients.sum(branches, into: x) }
  }
}

/// The sum of the branches; the gradient of each is that of the sum, in the same memory.
struct BoundAdd: BoundLayer {
  let branches: [Int]
  let y: Int

  func forward(_ lane: borrowing Lane) { lane.values.sum(branches, into: y) }
  func backward(_ lane: borrowing Lane) {}
}

/// The product of the branches, element by element: a gate, and what passes it.
///
/// `y = x₀ x₁ … xₙ₋₁`, from left to right; `dxᵢ = dy Π xⱼ` over all j but i, ascending. Nothing is divided, so that a
/// branch of zeros has its gradient too.
struct BoundMultiply: BoundLayer {
  /// With whether the gradient is wanted.
  let branches: [(place: Int, learns: Bool)]
  let y: Int

  func forward(_ lane: borrowing Lane) {
    Kernels.multiply(lane.values[branches[0].place], lane.values[branches[1].place], into: lane.values[y])
    for branch in branches.dropFirst(2) {
      Kernels.multiply(lane.values[y], lane.values[branch.place], into: lane.values[y])
    }
  }

  func backward(_ lane: borrowing Lane) {
    for (number, branch) in branches.enumerated() where branch.learns {
      let dx = lane.gradients[branch.place]
      var product = lane.gradients[y]
      for (other, factor) in branches.enumerated() where other != number {
        Kernels.multiply(product, lane.values[factor.place], into: dx)
        product = dx
      }
    }
  }
}

/// The branches side by side along the last axis.
struct BoundConcatenation: BoundLayer {
  /// With the extent of the last axis, and whether the gradient is wanted.
  let branches: [(place: Int, width: Int, learns: Bool)]
  let y: Int
  let columns: Int

  func forward(_ lane: borrowing Lane) {
    var first = 0
    for (place, width, _) in branches {
      Kernels.copyColumns(
        lane.values[place], columns: width, first: 0, into: lane.values[y], columns: columns, first: first,
        width: width)
      first += width
    }
  }

  func backward(_ lane: borrowing Lane) {
    var first = 0
    for (place, width, learns) in branches {
      if learns {
        Kernels.copyColumns(
          lane.gradients[y], columns: columns, first: first, into: lane.gradients[place], columns: width, first: 0,
          width: width)
      }
      first += width
    }
  }
}

extension [FloatView] {
  /// Overwrites one tensor with the sum of several, from left to right; it may be the first or the second of them.
  fileprivate func sum(_ operands: [Int], into target: Int) {
    Kernels.add(self[operands[0]], self[operands[1]], into: self[target])
    for operand in operands.dropFirst(2) { Kernels.add(self[target], self[operand], into: self[target]) }
  }
}
