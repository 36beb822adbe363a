import CKernels
import Tensors

/// The concrete loops on floats: products, convolutions, and the C loops beside them.
///
/// Every function says what it overwrites. None allocates but the first product of a thread, and all have the same bits on every processor.
public enum Kernels {}

extension Kernels {
  /// `target = a + b`, elementwise; may alias.
  package static func add(_ a: FloatView, _ b: FloatView, into target: FloatView) {
    precondition(a.count == b.count && b.count == target.count, "\(a.count) + \(b.count) into \(target.count)")
    Crew.split(a.count, cost: a.count / 8, unit: elementUnit, over: (target.base, a.base, b.base)) { task, part in
      let first = part.lowerBound
      ck_add(task.0 + first, task.1 + first, task.2 + first, Int64(part.count))
    }
  }

  /// `target = a * b`, elementwise; may alias.
  package static func multiply(_ a: FloatView, _ b: FloatView, into target: FloatView) {
    precondition(a.count == b.count && b.count == target.count, "\(a.count) * \(b.count) into \(target.count)")
    Crew.split(a.count, cost: a.count / 8, unit: elementUnit, over: (target.base, a.base, b.base)) { task, part in
      let first = part.lowerBound
      ck_multiply(task.0 + first, task.1 + first, task.2 + first, Int64(part.count))
    }
  }

  /// Copies `width` columns of every row from one matrix to another of as many rows, of the same numbers; they must not overlap.
  ///
  /// `first` is the first column of each; the other columns are left as they are.
  package static func copyColumns(
    _ source: TensorView, columns: Int, first: Int, into target: TensorView, columns targetColumns: Int,
    first targetFirst: Int, width: Int
  ) {
    let rows = source.count / columns
    precondition(
      source.count == rows * columns && target.count == rows * targetColumns && first + width <= columns
        && targetFirst + width <= targetColumns,
      "\(width) columns from \(first) of \(columns) to \(targetFirst) of \(targetColumns), "
        + "\(source.count) and \(target.count) numbers")
    precondition(source.precision == target.precision, "from \(source.precision) to \(target.precision)")
    let size = source.precision.size
    let ends = (
      from: source.base + first * size, fromStride: columns * size, to: target.base + targetFirst * size,
      toStride: targetColumns * size, bytes: width * size
    )
    Crew.split(rows, cost: rows * (4 + width / 16), over: ends) { ends, part in
      for row in part {
        (ends.to + row * ends.toStride).copyMemory(from: ends.from + row * ends.fromStride, byteCount: ends.bytes)
      }
    }
  }

  /// Floats that a thread works on at least where elements are divided: whole cache lines, and whole groups of random words.
  static let elementUnit = 1024
  /// Columns where those are: a cache line.
  static let columnUnit = 16

  /// Floats that one partial sum over a flat buffer covers at most.
  package static let blockSize = ParameterLayout.blockSize

  /// The sum of squares of at most `blockSize` floats, in double.
  package static func squareSum(of x: FloatView) -> Double {
    precondition(x.count <= blockSize, "a block has at most \(blockSize) floats, found \(x.count)")
    var sum = 0.0
    ck_square_sums(&sum, x.base, Int64(x.count))
    return sum
  }

  /// Where the first infinity or NaN is, if there is one.
  package static func firstNonFinite(in x: FloatView) -> Int? {
    let index = Int(ck_first_nonfinite(x.base, Int64(x.count)))
    return index < x.count ? index : nil
  }

  /// Adds `bias` (O) to each of the rows of `y` (B×O), in place.
  package static func addBias(_ bias: FloatView, to y: FloatView) {
    precondition(y.count % bias.count == 0, "\(y.count) outputs are not rows of \(bias.count)")
    let rows = y.count / bias.count
    Crew.split(rows, cost: y.count / 8, over: (y.base, bias.base, bias.count)) { task, part in
      ck_bias_forward(task.0 + part.lowerBound * task.2, task.1, Int64(part.count), Int64(task.2))
    }
  }

  /// Overwrites `dbias` (O) with the column sums of `dy` (B×O), rows ascending.
  package static func sumRows(of dy: FloatView, into dbias: FloatView) {
    precondition(dy.count % dbias.count == 0, "\(dy.count) gradients are not rows of \(dbias.count)")
    let rows = dy.count / dbias.count
    Crew.split(
      dbias.count, cost: dy.count / 8, unit: columnUnit, over: (dbias.base, dy.base, rows, dbias.count)
    ) { task, part in
      ck_bias_backward(
        task.0 + part.lowerBound, task.1 + part.lowerBound, Int64(task.2), Int64(part.count), Int64(task.3), 0)
    }
  }

  /// Overwrites `y` (B×C) with the softmax of each row of `x`; may alias.
  package static func softmax(_ x: FloatView, columns: Int, into y: FloatView) {
    precondition(x.count == y.count && x.count % columns == 0, "\(x.count) logits into \(y.count), rows of \(columns)")
    Crew.split(x.count / columns, cost: x.count / 2, over: (y.base, x.base, columns)) { task, part in
      let first = part.lowerBound * task.2
      ck_softmax(task.0 + first, task.1 + first, Int64(part.count), Int64(task.2))
    }
  }

  /// To be called between two looks at what another thread is to change.
  package static func spinHint() { ck_spin_hint() }

  /// `cos(πx)` for x in 0…1, the same bits on every host.
  package static func cosPi(_ x: Double) -> Double { ck_cos_pi(x) }
}
