import CKernels
import Tensors

// V rows of a table, D numbers of each, N tokens.

/// Which rows of a table's gradient a pass has written, where it writes few of many.
///
/// A buffer whose rows it keeps holds zeros in all others, but where it has become unknown: then anybody may have written any.
/// One that is filled for a single pass, and read by way of its touched rows alone, may hold anything there.
package final class TouchedRows: @unchecked Sendable {
  package let width: Int
  private let flags: NumberBuffer<UInt8>
  private let list: NumberBuffer<Int32>
  private var count = 0
  /// Whether rows that are not listed may hold more than zeros.
  private var isKnown = false

  /// For a table of V×D.
  package init(rows: Int, width: Int) {
    self.width = width
    flags = NumberBuffer(count: rows, repeating: 0)
    list = NumberBuffer(count: rows, repeating: 0)
  }

  /// In the order in which they were touched first.
  package var rows: [Int] { list.elements[..<count].map(Int.init) }

  /// What lies in the buffer is no longer what passes have written: others have.
  package func forget() { isKnown = false }

  /// Makes the buffer `table` zeros for another pass: clears what was touched, or all where that is not known.
  package func restart(_ table: FloatView) {
    if isKnown {
      for row in list.elements[..<count] { table[Int(row) * width..<(Int(row) + 1) * width].clear() }
    } else {
      table.clear()
    }
    restart()
    isKnown = true
  }

  /// The same for a buffer that is read by way of the touched rows alone: nothing is cleared.
  package func restart() {
    for row in list.elements[..<count] { flags.elements[Int(row)] = 0 }
    count = 0
  }

  /// Makes the rows of `table` that are not touched zeros, and all rows touched.
  package func touchAll(_ table: FloatView) {
    for row in flags.elements.indices where flags.elements[row] == 0 {
      table[row * width..<(row + 1) * width].clear()
      flags.elements[row] = 1
      list.elements[count] = Int32(row)
      count += 1
    }
  }
}

extension TouchedRows {
  /// Overwrites the rows of `dtable` (V×D) that `tokens` (N) name with the sums of the rows of `dy` (N×D) that have the same
  /// token, ascending: the bits of `Kernels.embedBackward`. Other rows are left as they are; no row may be touched before.
  package func embedBackward(_ dy: FloatView, tokens: FloatView, into dtable: FloatView) {
    precondition(count == 0, "\(count) rows are touched")
    embedBackward(dy, tokens: tokens, addingInto: dtable)
  }

  /// The same for more tokens: rows that are touched go on from what they hold, others from zero.
  package func embedBackward(_ dy: FloatView, tokens: FloatView, addingInto dtable: FloatView) {
    Kernels.check(tokens, vocabulary: flags.elements.count)
    precondition(
      dy.count == tokens.count * width && dtable.count == flags.elements.count * width,
      "\(tokens.count) tokens of \(width), \(dy.count) gradients into \(dtable.count)")
    count += Int(
      ck_embedding_backward_rows(
        dtable.base, dy.base, tokens.base, Int64(tokens.count), Int64(width), flags.elements.baseAddress!,
        list.elements.baseAddress! + count))
  }

  /// `sum += table`, of whose rows `touched` are written: the bits of `Kernels.add`. Rows of `sum`, whose touched ones these
  /// are, become touched where those of `table` are.
  package func add(_ table: FloatView, touched: TouchedRows, to sum: FloatView) {
    let rows = flags.elements.count
    precondition(
      isKnown && touched.flags.elements.count == rows && table.count == rows * width && sum.count == rows * width,
      "\(rows) rows of \(width), \(table.count) and \(sum.count) floats")
    count = Int(
      ck_add_rows(
        sum.base, flags.elements.baseAddress!, list.elements.baseAddress!, Int64(count), table.base,
        touched.flags.elements.baseAddress!, touched.list.elements.baseAddress!, Int64(touched.count), Int64(width)))
  }
}
