import CKernels
import Tensors

/// A row-major matrix on borrowed numbers, or its transpose.
package struct Matrix: Sendable {
  let view: TensorView
  /// Of the memory; a transposed matrix has them the other way round.
  let storedRows: Int
  let storedColumns: Int
  /// Numbers from one stored row to the next.
  let stride: Int
  let isTransposed: Bool

  /// `rows` × `columns` floats; `view` holds exactly as many.
  package init(_ view: FloatView, rows: Int, columns: Int) {
    self.init(.float32(view), rows: rows, columns: columns)
  }

  /// `rows` × `columns` numbers; `view` holds exactly as many.
  package init(_ view: TensorView, rows: Int, columns: Int) {
    precondition(
      view.count == rows * columns, "\(rows)×\(columns) needs \(rows * columns) numbers, found \(view.count)")
    self.init(view: view, storedRows: rows, storedColumns: columns, stride: columns, isTransposed: false)
  }

  /// `rows` × `columns` floats whose rows start `stride` floats apart: columns of a wider matrix that begin at `view`'s
  /// first float.
  package init(_ view: FloatView, rows: Int, columns: Int, stride: Int) {
    let needed = (rows - 1) * stride + columns
    precondition(
      stride >= columns && view.count >= needed,
      "\(rows)×\(columns), \(stride) apart, needs \(needed) floats, found \(view.count)")
    self.init(view: .float32(view), storedRows: rows, storedColumns: columns, stride: stride, isTransposed: false)
  }

  private init(view: TensorView, storedRows: Int, storedColumns: Int, stride: Int, isTransposed: Bool) {
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
  package static func multiply(_ a: Matrix, _ b: Matrix, into c: Matrix) { multiply(a, b, into: c, in: .float32) }

  /// `c = a · b`, or `c + a · b` where `adds`, and `bias` behind it, in the numbers of `precision`.
  ///
  /// `c` is overwritten; it must be plain and share no memory with the others.
  ///
  /// In float32 all are floats. In bfloat16 factors are rounded where they are floats, sums are floats, and are rounded once
  /// where `c` is of bfloat16 numbers: `CKernelsBFloat16.h` has the formula. `bias` has one number a column.
  ///
  /// `rowSums` has one number a row of `a`, which is a transposed matrix: the sums of its rows, as they are, over ascending columns. The
  /// `epilogue` comes last, block by block, while C lies in a cache. With `packed`, which is of `b`, it packs `b` for products to come,
  /// or has it packed.
  package static func multiply(
    _ a: Matrix, _ b: Matrix, into c: Matrix, adds: Bool = false, in precision: NumberFormat, bias: FloatView? = nil,
    rowSums: RowSums? = nil, packed: PackedFactor? = nil, then epilogue: Epilogue? = nil
  ) {
    precondition(bias == nil || bias!.count == c.columns, "\(bias!.count) biases for \(c.columns) columns")
    precondition(
      rowSums == nil || a.isTransposed && rowSums!.view.count == a.rows,
      "\(rowSums!.view.count) sums for \(a.rows) rows, which lie side by side: \(a.isTransposed)")
    let packed = packed?.packed(as: b, in: precision) ?? ck_packed()
    guard let epilogue else {
      return product(a, b, adds: adds, c, precision, bias: bias, rowSums, packed, ck_epilogue())
    }
    epilogue.withTask(of: c) { product(a, b, adds: adds, c, precision, bias: bias, rowSums, packed, $0) }
  }

  /// Where the sums of rows are written, or what they go on with.
  package struct RowSums {
    let view: FloatView
    let goesOn: Bool

    package init(_ view: FloatView, goesOn: Bool = false) { (self.view, self.goesOn) = (view, goesOn) }
  }

  private static func check(_ a: Matrix, _ b: Matrix, _ c: Matrix) {
    precondition(
      a.columns == b.rows && a.rows == c.rows && b.columns == c.columns && !c.isTransposed,
      "\(a.rows)×\(a.columns) times \(b.rows)×\(b.columns) into \(c.rows)×\(c.columns)")
  }

  /// What all products come to.
  static func product(
    _ a: Matrix, _ b: Matrix, adds: Bool, _ c: Matrix, _ precision: NumberFormat, bias: FloatView?,
    _ rowSums: RowSums?, _ packed: ck_packed, _ epilogue: ck_epilogue
  ) {
    check(a, b, c)
    let (M, N, K, stride) = (Int64(c.rows), Int64(c.columns), Int64(a.columns), Int64(c.stride))
    let (adds, sums, goesOn): (Int32, _, Int32) = (adds ? 1 : 0, rowSums?.view.base, rowSums?.goesOn == true ? 1 : 0)
    switch precision {
    case .float32:
      ck_product_task(
        M: M, N: N, K: K, A: a.factor, B: b.factor, C: c.floats.base, stride: stride, adds: adds, bias: bias?.base,
        rowSums: sums, rowSumsGoOn: goesOn, epilogue: epilogue, packed: packed
      ).computeDivided()
    case .bfloat16:
      precondition(adds == 0 || c.view.isFloat, "sums that go on are floats")
      ck_bfloat16_task(
        M: M, N: N, K: K, A: a.bfloat16Factor, B: b.bfloat16Factor, C: c.view.base, stride: stride,
        isFloat: c.view.isFloat ? 1 : 0, adds: adds, bias: bias?.base, rowSums: sums, rowSumsGoOn: goesOn,
        epilogue: epilogue, packed: packed
      ).computeDivided()
    }
  }
}

extension Kernels {
  /// Keeps this thread busy with fused multiply-adds, as many at a time as its processor can; returns the floating-point
  /// operations, two each.
  package static func burst(rounds: Int) -> Double { ck_product_burst(Int64(rounds)) }
}

extension Matrix {
  /// Its memory, which has to be of floats.
  fileprivate var floats: FloatView {
    guard case .float32(let floats) = view else { preconditionFailure("a matrix of floats is wanted here") }
    return floats
  }

  /// Whether it is the same numbers, read the same way round.
  func hasMemory(of other: Matrix) -> Bool {
    view.base == other.view.base && view.isFloat == other.view.isFloat && stride == other.stride
      && (storedRows, storedColumns, isTransposed) == (other.storedRows, other.storedColumns, other.isTransposed)
  }

  var factor: ck_factor {
    isTransposed
      ? ck_factor(base: floats.base, row: 1, column: Int64(stride))
      : ck_factor(base: floats.base, row: Int64(stride), column: 1)
  }

  var bfloat16Factor: ck_bfloat16_factor {
    ck_bfloat16_factor(
      base: view.base, row: isTransposed ? 1 : Int64(stride), column: isTransposed ? Int64(stride) : 1,
      isFloat: view.isFloat ? 1 : 0)
  }
}
