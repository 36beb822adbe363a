import Kernels
import Tensors
import Testing

/// Sums of few rows of many against sums of whole tables, bit for bit.
@Suite struct TouchedRowsTests {
  private static let (V, D) = (11, 3)

  private struct Table {
    let numbers: FloatView
    let touched = TouchedRows(rows: V, width: D)
    init(_ value: Float) { numbers = floats([Float](repeating: value, count: V * D)) }
  }

  private func bits(_ view: FloatView) -> [UInt32] { view.array.map(\.bitPattern) }

  /// Three steps of four leaves into one sum: the first overwrites it, the others come by way of a table that nobody clears.
  @Test(arguments: [1, 2, 5, 20])
  func sumsOfRowsAreSumsOfTables(tokens N: Int) {
    let (sum, staged) = (Table(.nan), Table(.nan))
    let (whole, leaf) = (
      floats([Float](repeating: .nan, count: Self.V * Self.D)), floats([Float](repeating: .nan, count: Self.V * Self.D))
    )
    for step in 0..<3 {
      for pass in 0..<4 {
        let stream = UInt64(10 * step + pass)
        let tokens = floats(uniform(N, 1, stream: stream).map { (($0 + 1) / 2 * Float(Self.V - 1)).rounded() })
        let dy = floats(uniform(N * Self.D, 1, stream: stream + 100))
        let (table, into) = pass == 0 ? (sum, whole) : (staged, leaf)
        if pass == 0 { table.touched.restart(table.numbers) } else { table.touched.restart() }
        table.touched.embedBackward(dy, tokens: tokens, into: table.numbers)
        Kernels.embedBackward(dy, tokens: tokens, width: Self.D, into: into)
        if pass > 0 {
          sum.touched.add(staged.numbers, touched: staged.touched, to: sum.numbers)
          Kernels.add(whole, leaf, into: whole)
        }
        #expect(bits(sum.numbers) == bits(whole), "step \(step), leaf \(pass)")
        #expect(Set(sum.touched.rows).count == sum.touched.rows.count)
      }
    }
  }

  /// A sum that denormals were flushed from may be -0; with the zero of a row that does not occur it is 0.
  @Test func negativeZerosBecomeZerosWhereAnythingIsAdded() {
    let (sum, staged) = (Table(0), Table(.nan))
    sum.touched.restart(sum.numbers)
    sum.touched.embedBackward(floats([1, 2, 3, 4, 5, 6]), tokens: floats([4, 7]), into: sum.numbers)
    sum.numbers[4 * Self.D] = -0.0
    sum.numbers[7 * Self.D] = -0.0
    let whole = floats(sum.numbers.array)
    staged.touched.restart()
    staged.touched.embedBackward(floats([-0.0, 1, 1]), tokens: floats([7]), into: staged.numbers)
    let leaf = floats([Float](repeating: 0, count: Self.V * Self.D))
    leaf[7 * Self.D..<8 * Self.D].assign(staged.numbers[7 * Self.D..<8 * Self.D])
    sum.touched.add(staged.numbers, touched: staged.touched, to: sum.numbers)
    Kernels.add(whole, leaf, into: whole)
    #expect(bits(sum.numbers) == bits(whole))
    #expect(sum.numbers[4 * Self.D].bitPattern == 0)
  }

  /// Where others have written the buffer, all of it is cleared; where nobody has, the rows that were touched.
  @Test func clearsWhatIsNotKnown() {
    let sum = Table(.nan)
    sum.touched.restart(sum.numbers)
    sum.touched.embedBackward(floats([1, 2, 3]), tokens: floats([2]), into: sum.numbers)
    #expect(sum.numbers[0] == 0 && sum.numbers[2 * Self.D + 2] == 3)
    sum.numbers[0] = 7
    sum.touched.restart(sum.numbers)
    #expect(sum.numbers[0] == 7 && sum.numbers[2 * Self.D + 2] == 0)
    sum.touched.forget()
    sum.touched.restart(sum.numbers)
    #expect(sum.numbers.array.allSatisfy { $0 == 0 } && sum.touched.rows == [])
  }

  @Test func allRowsMayBecomeTouched() {
    let staged = Table(.nan)
    staged.touched.restart()
    staged.touched.embedBackward(floats([1, 2, 3]), tokens: floats([2]), into: staged.numbers)
    staged.touched.touchAll(staged.numbers)
    #expect(staged.numbers.array == (0..<Self.V * Self.D).map { (6...8).contains($0) ? Float($0 - 5) : 0 })
    #expect(staged.touched.rows.sorted() == Array(0..<Self.V))
  }
}
