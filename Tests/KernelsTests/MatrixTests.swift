import Kernels
import Tensors
import Testing

@Suite struct MatrixTests {
  static let extents = [1, 2, 3, 7, 16, 17, 33, 65]

  /// Every way to transpose and every combination of odd extents, against the plain sum in double.
  ///
  /// Tolerance: a sum of k products, each of at most 1, may be off by k roundings of partial sums of at most k; the
  /// errors of rounding have both signs, so that √k of them remain: 2⁻²⁴ · k · √k, doubled.
  @Test(arguments: extents, extents)
  func productIsThatOfTheDefinition(rows: Int, columns: Int) {
    for depth in Self.extents {
      let (a, b) = (uniform(rows * depth, 1, stream: 1), uniform(depth * columns, 1, stream: 2))
      var expected = [Double](repeating: 0, count: rows * columns)
      for r in 0..<rows {
        for d in 0..<depth {
          for c in 0..<columns { expected[r * columns + c] += Double(a[r * depth + d]) * Double(b[d * columns + c]) }
        }
      }
      let tolerance = 0x1p-23 * Double(depth) * Double(depth).squareRoot()
      for transposition in 0..<4 {
        let (isATransposed, isBTransposed) = (transposition & 1 == 1, transposition & 2 == 2)
        let (storedA, storedB) = (
          floats(isATransposed ? transpose(a, rows, depth) : a),
          floats(isBTransposed ? transpose(b, depth, columns) : b)
        )
        let left =
          isATransposed
          ? Matrix(storedA, rows: depth, columns: rows).transposed : Matrix(storedA, rows: rows, columns: depth)
        let right =
          isBTransposed
          ? Matrix(storedB, rows: columns, columns: depth).transposed
          : Matrix(storedB, rows: depth, columns: columns)
        #expect((left.rows, left.columns, right.rows, right.columns) == (rows, depth, depth, columns))
        // What is there before is overwritten, NaN and all.
        let c = floats([Float](repeating: .nan, count: rows * columns))
        Kernels.multiply(left, right, into: Matrix(c, rows: rows, columns: columns))
        let error = zip(c.array, expected).map { abs(Double($0) - $1) }.max()!
        #expect(error <= tolerance, "\(rows)×\(depth) times \(depth)×\(columns), transposition \(transposition)")
      }
    }
  }

  /// Parts of wider matrices, as attention takes a head's columns: the floats beside them stay as they are.
  @Test func stridedFactorsAreMultipliedAndAdded() {
    let (rows, columns, depth, stride) = (5, 7, 3, 11)
    let (a, b) = (floats(uniform(rows * stride, 1, stream: 1)), floats(uniform(columns * stride, 1, stream: 2)))
    let before = uniform(rows * stride, 1, stream: 3)
    for isAdded in [false, true] {
      let c = floats(before)
      let left = Matrix(a[2..<a.count], rows: rows, columns: depth, stride: stride)
      let right = Matrix(b[1..<b.count], rows: columns, columns: depth, stride: stride).transposed
      let target = Matrix(c[4..<c.count], rows: rows, columns: columns, stride: stride)
      Kernels.multiply(left, right, into: target, adds: isAdded, in: .float32)
      for index in before.indices {
        let (row, column) = (index / stride, index % stride - 4)
        guard column >= 0, column < columns else {
          #expect(c[index] == before[index], "\(index) lies outside")
          continue
        }
        var sum = isAdded ? Double(before[index]) : 0
        for d in 0..<depth { sum += Double(a[2 + row * stride + d]) * Double(b[1 + column * stride + d]) }
        // Five roundings of numbers below 3.
        #expect(abs(Double(c[index]) - sum) < 1e-6, "row \(row), column \(column)")
      }
    }
  }

  /// What the contract builds on: the same extents give the same bits, wherever the matrices lie.
  @Test func productDependsOnNoAddress() {
    let (a, b) = (uniform(64 * 100, 1, stream: 1), uniform(100 * 30, 1, stream: 2))
    let results = (0..<20).map { offset in
      let memory = floats(count: 64 * 100 + 100 * 30 + 64 * 30 + 60)
      let first = memory[offset..<offset + 6400]
      let second = memory[6420 + offset..<9420 + offset]
      let third = memory[9440 + offset..<11_360 + offset]
      first.assign(a)
      second.assign(b)
      Kernels.multiply(
        Matrix(first, rows: 64, columns: 100), Matrix(second, rows: 100, columns: 30),
        into: Matrix(third, rows: 64, columns: 30))
      return third.array
    }
    #expect(Set(results).count == 1)
  }

  private func transpose(_ values: [Float], _ rows: Int, _ columns: Int) -> [Float] {
    (0..<rows * columns).map { values[$0 % rows * columns + $0 / rows] }
  }
}
