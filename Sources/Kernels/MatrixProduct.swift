import COneDNN
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
  /// `c = scale · a · b` by oneDNN, single-threaded; overwrites `c`, which must be plain and share no memory with the
  /// others.
  ///
  /// The bits depend on the three extents, on the scale, on which factor is transposed, on oneDNN's version and on the
  /// instruction set path; not on where the matrices lie. In a thread that was not prepared they may depend on the
  /// number of cores too.
  package static func multiply(_ a: Matrix, _ b: Matrix, scale: Float = 1, into c: Matrix) {
    product(a, b, scale, kept: 0, c)
  }

  /// `c = c + scale · a · b`, else as `multiply(_:_:scale:into:)`.
  package static func multiply(_ a: Matrix, _ b: Matrix, scale: Float = 1, addingInto c: Matrix) {
    product(a, b, scale, kept: 1, c)
  }

  private static func product(_ a: Matrix, _ b: Matrix, _ scale: Float, kept: Float, _ c: Matrix) {
    precondition(
      a.columns == b.rows && a.rows == c.rows && b.columns == c.columns && !c.isTransposed,
      "\(a.rows)×\(a.columns) times \(b.rows)×\(b.columns) into \(c.rows)×\(c.columns)")
    let status = COneDNN_sgemm(
      a.isTransposed ? 1 : 0, b.isTransposed ? 1 : 0, Int64(c.rows), Int64(c.columns), Int64(a.columns), scale,
      a.view.base, Int64(a.stride), b.view.base, Int64(b.stride), kept, c.view.base, Int64(c.stride))
    precondition(status == 0, "oneDNN's matrix product: \(String(cString: COneDNN_status(status)))")
  }
}
