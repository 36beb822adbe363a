import Kernels
import Tensors

// What a plan puts between the branches of a combinator. All work on whole micro-batches, first branch first. Where there are more
// than two that become one, their tensors are of floats: a sum or a product is rounded once.

/// One tensor for several readers: forward hands on the same memory, backward adds up what they give back.
struct BoundFork: RowwiseLayer {
  let x: Int
  let branches: [Int]
  let wantsInputGradient: Bool

  func forward(_ lane: borrowing Lane, rows: Rows) {}

  func backward(_ lane: borrowing Lane) {
    guard wantsInputGradient else { return }
    let sum = lane.gradient(x)
    Kernels.add(lane.gradient(branches[0]), lane.gradient(branches[1]), into: sum)
    for branch in branches.dropFirst(2) { Kernels.add(sum, lane.gradient(branch), into: sum) }
  }
}

/// The sum of the branches; the gradient of each is that of the sum, in the same memory.
struct BoundAdd: RowwiseLayer {
  let branches: [Int]
  let y: Int

  func forward(_ lane: borrowing Lane, rows: Rows) {
    let sum = rows.of(lane.tensor(y))
    Kernels.add(rows.of(lane.tensor(branches[0])), rows.of(lane.tensor(branches[1])), into: sum)
    for branch in branches.dropFirst(2) { Kernels.add(sum, rows.of(lane.tensor(branch)), into: sum) }
  }

  func backward(_ lane: borrowing Lane) {}
}

/// The product of the branches, element by element: a gate, and what passes it.
///
/// `y = x₀ x₁ … xₙ₋₁`, from left to right; `dxᵢ = dy Π xⱼ` over all j but i, ascending. Nothing is divided, so that a
/// branch of zeros has its gradient too.
struct BoundMultiply: RowwiseLayer {
  /// With whether the gradient is wanted.
  let branches: [(place: Int, learns: Bool)]
  let y: Int

  func forward(_ lane: borrowing Lane, rows: Rows) {
    let y = rows.of(lane.tensor(y))
    Kernels.multiply(
      rows.of(lane.tensor(branches[0].place)), rows.of(lane.tensor(branches[1].place)), into: y)
    for branch in branches.dropFirst(2) { Kernels.multiply(y, rows.of(lane.tensor(branch.place)), into: y) }
  }

  func backward(_ lane: borrowing Lane) {
    for (number, branch) in branches.enumerated() where branch.learns {
      let dx = lane.gradient(branch.place)
      var product = lane.gradient(y)
      for (other, factor) in branches.enumerated() where other != number {
        Kernels.multiply(product, lane.tensor(factor.place), into: dx)
        product = dx
      }
    }
  }
}

/// The branches side by side along the last axis.
struct BoundConcatenation: RowwiseLayer {
  /// With the extent of the last axis, and whether the gradient is wanted.
  let branches: [(place: Int, width: Int, learns: Bool)]
  let y: Int
  let columns: Int
  let isRowwise: Bool

  func forward(_ lane: borrowing Lane, rows: Rows) {
    var first = 0
    for (place, width, _) in branches {
      Kernels.copyColumns(
        rows.of(lane.tensor(place)), columns: width, first: 0, into: rows.of(lane.tensor(y)), columns: columns,
        first: first, width: width)
      first += width
    }
  }

  func backward(_ lane: borrowing Lane) {
    var first = 0
    for (place, width, learns) in branches {
      if learns {
        Kernels.copyColumns(
          lane.gradient(y), columns: columns, first: first, into: lane.gradient(place), columns: width, first: 0,
          width: width)
      }
      first += width
    }
  }
}
