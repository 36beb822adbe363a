import CKernels
import Tensors

/// A row-major matrix on borrowed floats, or its transpose.
package struct Matrix: Sendable {
  let view: FloatView
  /// Of the memory; a transposed matrix has them the other way round.
  let storedRows: Int
  let storedColumns: Int
  /// Floats from one stored row to the next.
  let stride: Int
  let isTransposed: Bool

  /// `rows` × `columns` floats; `view` holds exactly as many.
  package init(_ view: FloatView, rows: Int, columns: Int) {
    precondition(view.count == rows * columns, "\(rows)×\(columns) needs \(rows * columns) floats, found \(view.count)")
    self.init(view: view, storedRows: rows, storedColumns: columns, stride: columns, isTransposed: false)
  }

  /// `rows` × `columns` floats whose rows start `stride` floats apart: columns of a wider matrix that begin at `view`'s
  /// first float.
  package init(_ view: FloatView, rows: Int, columns: Int, stride: Int) {
    let needed = (rows - 1) * stride + columns
    precondition(
      stride >= columns && view.count >= needed,
      "\(rows)×\(columns), \(stride) apart, needs \(needed) floats, found \(view.count)")
    self.init(view: view, storedRows: rows, storedColumns: columns, stride: stride, isTransposed: false)
  }

  private init(view: FloatView, storedRows: Int, storedColumns: Int, stride: Int, isTransposed: Bool) {
    self.view = view
    self.storedRows = storedRows
    self.storedColumns = storedColumns
    self.stride = stride
    self.isTransposed = isTransposed
  }

  /// The same memory read the other way round.
  package var transposed: Matrix {
    Matrix(
      view: view, storedRows: storedRows, storedColumns: storedColumns, stride: stride, isTransposed: !isTransposed)
  }

  package var rows: Int { isTransposed ? storedColumns : storedRows }
  package var columns: Int { isTransposed ? storedRows : storedColumns }
}

extension Kernels {
  /// `c = a · b`; overwrites `c`, which must be plain and share no memory with the others.
  ///
  /// Each element is one chain of fused multiply-adds, `c = fma(a[k], b[k], c)`, k ascending from c = 0: the same bits in
  /// whatever blocks and vectors it is computed, on any processor. Denormals count as zero in a lane's thread.
  package static func multiply(_ a: Matrix, _ b: Matrix, into c: Matrix) { product(a, b, adds: false, c) }

  /// `c = c + a · b`: the chains begin at c, else as `multiply(_:_:into:)`.
  package static func multiply(_ a: Matrix, _ b: Matrix, addingInto c: Matrix) { product(a, b, adds: true, c) }

  private static func product(_ a: Matrix, _ b: Matrix, adds: Bool, _ c: Matrix) {
    precondition(
      a.columns == b.rows && a.rows == c.rows && b.columns == c.columns && !c.isTransposed,
      "\(a.rows)×\(a.columns) times \(b.rows)×\(b.columns) into \(c.rows)×\(c.columns)")
    var task = ck_product_task(
      M: Int64(c.rows), N: Int64(c.columns), K: Int64(a.columns), A: a.factor, B: b.factor, C: c.view.base,
      stride: Int64(c.stride), adds: adds ? 1 : 0)
    ck_product(&task)
  }
}

extension Kernels {
  /// Keeps this thread busy with fused multiply-adds, as many at a time as its processor can; returns the floating-point
  /// operations, two each.
  package static func burst(rounds: Int) -> Double { ck_product_burst(Int64(rounds)) }
}

extension Matrix {
  fileprivate var factor: ck_factor {
    isTransposed
      ? ck_factor(base: view.base, row: 1, column: Int64(stride))
      : ck_factor(base: view.base, row: Int64(stride), column: 1)
  }
}
