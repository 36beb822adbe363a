import Tensors

/// How much smaller than it is stored a JPEG picture is decoded: its inverse transforms may give half, a quarter or an eighth of the
/// rows and columns, in a fraction of the time.
///
/// Letters: r the reduction; H W of the stored picture, which becomes ⌈H/r⌉×⌈W/r⌉.
struct Reduction {
  let factor: Int

  static let none = Reduction(factor: 1)

  private init(factor: Int) { self.factor = factor }

  /// The largest that leaves a part at least twice as high and wide as what it becomes, so that what is resized has detail to spare.
  init(of part: PixelWindow, to height: Int, _ width: Int) {
    factor = [8, 4, 2].first { part.height >= 2 * $0 * height && part.width >= 2 * $0 * width } ?? 1
  }

  /// Rows or columns of a side.
  func count(_ side: Int) -> Int { (side + factor - 1) / factor }

  /// The pixels of a side that a range of stored ones lies in, and where in the first of them it begins, and how long it is.
  func range(_ start: Int, _ length: Int) -> (pixels: Range<Int>, start: Double, length: Double) {
    let pixels = start / factor..<count(start + length)
    return (pixels, Double(start % factor) / Double(factor), Double(length) / Double(factor))
  }
}
