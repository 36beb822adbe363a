import CKernels
import Tensors

// B samples, T positions, H hidden units, G gates, W floats from one row of outputs to the next: H, or 2H where two directions lie side by
// side.

/// What a recurrent layer computes at a position from the state of the one before.
public enum RecurrentCell: Sendable {
  case lstm, gru

  /// G: rows of its weights for each hidden unit.
  package var gates: Int { self == .lstm ? 4 : 3 }
}

/// One layer of one direction: T steps, each of a product with the state and of what follows it.
///
/// All matrices are position by position, in each sample by sample, so that a step is B rows that lie together, and the state before
/// all steps is a matrix of as many rows as the gradient of their sums: the weights' gradient is one product behind the walk.
/// Outputs have a block of B rows of zeros before the first position and behind the last, from which directions begin.
///
/// ```
/// outputs    0 | h₀ h₁ … hₜ … | 0      (T + 2)·B × W
/// forward    ─────► block t is before, t + 1 is made
/// reversed   ◄───── block t + 2 is before
/// ```
///
/// What a step's product adds goes on with the sums over the inputs where the cell is of LSTM, and is apart where it is of GRU, whose gate
/// lets through a part of it.
package struct RecurrenceKernel: Sendable {
  package let cell: RecurrentCell
  package let samples: Int
  package let positions: Int
  package let hidden: Int
  /// W
  package let width: Int
  /// Its first column of outputs.
  package let column: Int
  package let isReversed: Bool
  package let precision: NumberFormat

  /// Of `samples` × `positions`; `column` is where its H columns of `width` begin.
  package init(
    _ cell: RecurrentCell, samples: Int, positions: Int, hidden: Int, width: Int, column: Int, isReversed: Bool,
    precision: NumberFormat
  ) {
    precondition(column + hidden <= width, "columns \(column) to \(column + hidden) of \(width)")
    (self.cell, self.samples, self.positions, self.hidden) = (cell, samples, positions, hidden)
    (self.width, self.column, self.isReversed, self.precision) = (width, column, isReversed, precision)
  }

  private var G: Int { cell.gates }
  private var rows: Int { samples * positions }

  /// G H: columns of the sums of products.
  package var gateWidth: Int { G * hidden }
  /// Floats of the sums of products of all positions, which become gates and then their gradients.
  package var gateCount: Int { rows * gateWidth }
  /// Floats that forward keeps for backward besides gates and outputs: cells and their tanh, or a part of the sums.
  package var keptCount: Int {
    cell == .lstm ? (positions + 2) * samples * hidden + rows * hidden : rows * hidden
  }
  /// Floats of what a step takes meanwhile, packed weights among them, for any instruction set.
  package var forwardScratch: Int { packedCount + (cell == .gru ? samples * gateWidth : 0) }
  package var backwardScratch: Int { packedCount + 2 * samples * hidden + (cell == .gru ? gateCount : 0) }
  private var packedCount: Int { (gateWidth + 31) / 32 * 32 * ((hidden + 31) / 32 * 32) }

  /// Floats of the outputs, with a block before and one behind.
  package var outputCount: Int { (positions + 2) * samples * width }
}

/// What a direction reads and writes, of all positions.
package struct RecurrenceMemory {
  /// T·B × G H: sums of products of the inputs, with their bias; gates; gradients of the sums.
  package let gates: FloatView
  /// (T + 2)·B × W
  package let outputs: FloatView
  package let kept: FloatView

  package init(gates: FloatView, outputs: FloatView, kept: FloatView) {
    (self.gates, self.outputs, self.kept) = (gates, outputs, kept)
  }
}

extension RecurrenceKernel {
  /// The rows of a position, of a matrix without blocks beside it.
  func block(_ view: FloatView, _ t: Int, _ width: Int) -> FloatView {
    view[t * samples * width..<(t + 1) * samples * width]
  }

  /// The outputs of block `t` on, from this direction's columns on.
  func states(_ outputs: FloatView, _ t: Int) -> FloatView {
    outputs[t * samples * width + column..<(t + 1) * samples * width]
  }

  private func stateMatrix(_ outputs: FloatView, _ t: Int, blocks: Int = 1) -> Matrix {
    Matrix(
      outputs[t * samples * width + column..<(t + blocks) * samples * width], rows: blocks * samples, columns: hidden,
      stride: width)
  }

  /// The block of the state before position `t`.
  func before(_ t: Int) -> Int { isReversed ? t + 2 : t }

  /// Cells, with a block before and one behind, and their tanh.
  func cells(_ kept: FloatView) -> (cells: FloatView, squashed: FloatView) {
    let end = (positions + 2) * samples * hidden
    return (kept[0..<end], kept[end..<end + rows * hidden])
  }

  /// The states before all positions, T·B × H: the other factor of the weights' gradient.
  package func statesBefore(_ outputs: FloatView) -> Matrix {
    stateMatrix(outputs, isReversed ? 2 : 0, blocks: positions)
  }

  /// Zeroes what directions begin from.
  package func begin(_ memory: RecurrenceMemory) {
    for t in [0, positions + 1] {
      block(memory.outputs, t, width).clear()
      if cell == .lstm { block(cells(memory.kept).cells, t, hidden).clear() }
    }
  }

  /// Overwrites outputs and what is kept, of `positions`, ascending or where it is reversed descending; the gates of others are left.
  package func forward(
    _ memory: RecurrenceMemory, positions range: Range<Int>, weight: Matrix, bias: FloatView?,
    lengths: UnsafePointer<Int32>?, scratch: FloatView
  ) {
    let factor = StepFactor(weight.transposed, precision, in: scratch[0..<packedCount])
    let sums = cell == .gru ? scratch[packedCount..<packedCount + samples * gateWidth] : nil
    for step in 0..<range.count {
      let t = isReversed ? range.upperBound - 1 - step : range.lowerBound + step
      let gates = block(memory.gates, t, gateWidth)
      factor.multiply(
        stateMatrix(memory.outputs, before(t)), into: sums ?? gates, adds: sums == nil, bias: bias)
      advance(memory, t, gates: gates, sums: sums, lengths)
    }
  }

  /// The gradients of the sums of the products with states, T·B × G H, which backward leaves: of the gates, or in its scratch.
  package func stateGradients(_ memory: RecurrenceMemory, scratch: FloatView) -> FloatView {
    guard cell == .gru else { return memory.gates }
    let first = packedCount + 2 * samples * hidden
    return scratch[first..<first + gateCount]
  }

  /// Gates become the gradients of the sums, of all positions; `dy` has those of the outputs, T·B × W, both directions side by side.
  package func backward(
    _ memory: RecurrenceMemory, dy: FloatView, weight: Matrix, lengths: UnsafePointer<Int32>?, scratch: FloatView
  ) {
    let factor = StepFactor(weight, precision, in: scratch[0..<packedCount])
    let (first, count) = (packedCount, samples * hidden)
    let (dh, dc) = (scratch[first..<first + count], scratch[first + count..<first + 2 * count])
    let dsums = stateGradients(memory, scratch: scratch)
    dh.clear()
    dc.clear()
    for step in 0..<positions {
      let t = isReversed ? step : positions - 1 - step
      let row = dy[t * samples * width + column..<(t + 1) * samples * width]
      retreat(memory, t, dy: row, dh: dh, dc: dc, dsums: block(dsums, t, gateWidth), lengths)
      // The first state is nobody's.
      guard step < positions - 1 else { continue }
      factor.multiply(
        Matrix(block(dsums, t, gateWidth), rows: samples, columns: gateWidth), into: dh, adds: cell == .gru, bias: nil)
    }
  }
}
