import Kernels

// Letters as in Recurrence.swift.

/// Where recurrent layers keep what lies between forward and backward, each part with a cache line of its own.
struct RecurrencePlaces {
  /// The input, T·B × I, as it is kept between layers.
  let input: Range<Int>
  let outputs: [Range<Int>]
  /// By layer, direction by direction.
  let gates: [Range<Int>]
  let kept: [Range<Int>]
  /// Outputs of layers but the last, as the next one reads them in training; empty where nothing is dropped.
  let dropped: [Range<Int>]
  let end: Int

  init(_ kernel: RecurrenceKernel, _ form: RecurrentForm, input count: Int, rows: Int) {
    var end = 0
    func next(_ count: Int) -> Range<Int> {
      defer { end += (count + 15) / 16 * 16 }
      return end..<end + count
    }
    let walks = 0..<form.layers * form.directions
    input = next(count)
    outputs = (0..<form.layers).map { _ in next(kernel.outputCount) }
    gates = walks.map { _ in next(kernel.gateCount) }
    kept = walks.map { _ in next(kernel.keptCount) }
    dropped = form.dropout > 0 ? (1..<form.layers).map { _ in next(rows * form.width) } : []
    self.end = end
  }
}

/// Where they keep what lies there during backward.
struct RecurrenceScratch {
  let kernel: Range<Int>
  /// Gradients of a layer's outputs, and of what it reads, which change places from layer to layer.
  let upper: Range<Int>
  let lower: Range<Int>
  let end: Int

  init(_ kernel: RecurrenceKernel, rows: Int, columns: Int) {
    let first = (kernel.backwardScratch + 15) / 16 * 16
    let count = (rows * columns + 15) / 16 * 16
    self.kernel = 0..<kernel.backwardScratch
    (upper, lower, end) = (first..<first + count, first + count..<first + 2 * count, first + 2 * count)
  }
}
