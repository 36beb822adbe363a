import CKernels
import Tensors

// V rows of D numbers, N tokens.

/// A table of an embedding as whole numbers of 8 bits, a step a row, which are numbers again as they are read.
///
/// Row t is rounded as the weights of an output are: see `IntegerWeights`. What is read, `q[t,d] · steps[t]`, is rounded once: the same bits
/// on every processor. A quarter of the memory is read.
package final class IntegerTable: Sendable {
  package let width: Int
  package let rows: Int
  private let numbers: [Int8]
  private let steps: [Float]

  /// Rounds `table`, V rows of `width`, row-major.
  package init(_ table: FloatView, width: Int) {
    rows = Kernels.rowCount(table, width)
    self.width = width
    (numbers, steps) = IntegerWeights.rounded(
      UnsafeBufferPointer(start: table.base, count: table.count), outputs: rows)
  }

  /// Overwrites y, N×D, with the rows of `tokens`.
  package func embed(_ tokens: FloatView, into y: FloatView) {
    Kernels.check(tokens, vocabulary: rows)
    precondition(
      y.count == tokens.count * width, "\(tokens.count) tokens of \(width) into \(y.count) floats")
    numbers.withUnsafeBufferPointer { numbers in
      steps.withUnsafeBufferPointer { steps in
        ck_integer_embed(
          y.base, numbers.baseAddress!, steps.baseAddress!, tokens.base, Int64(tokens.count),
          Int64(width))
      }
    }
  }
}
