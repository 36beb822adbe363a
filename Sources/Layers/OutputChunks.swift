import Tensors

// N rows of outputs (samples, or the positions of all samples), V outputs a row, R rows at a time.

/// The outputs of a network whose last layer, a dense one, has so many that they are computed some rows at a time.
///
/// A vocabulary of 50,000 words makes 200 MB of a thousand positions' outputs, and as much of their gradient. A row's loss needs
/// that row alone: so the last layer goes forward, the loss overwrites outputs with their gradient, and the layer goes backward
/// over R rows before the next R. Its gradients are chains over rows, ascending, which each chunk goes on with: all bits are
/// those of whole outputs.
package struct OutputChunks: Sendable {
  /// N
  package let rows: Int
  /// V
  package let width: Int
  /// R: all chunks but the last have as many rows.
  package let rowsAtATime: Int

  /// Outputs that are worth keeping whole, in floats: 64 MiB. Each chunk reads and writes the gradient of the weights once more, and
  /// reads the weights: 4 % of the time of a layer of 768 to 50,257, where chunks of a third of that size take 12.
  package static let usualCount = 1 << 24

  /// For chunks of at most `count` floats, if a row has no more; nil where all outputs are as few, or the last layer is another.
  ///
  /// In bfloat16 chains go over rows in pairs, so that chunks but the last have an even number of them.
  init?(_ graph: Graph, microBatch: Int, precision: NumberFormat, count: Int) {
    guard let last = graph.operations.last, case .layer(let layer, _, _) = last.action, let dense = layer as? Dense
    else {
      return nil
    }
    width = dense.units
    rows = microBatch * graph.tensors[graph.output].shape.count / width
    guard rows > 1, rows * width > count else { return nil }
    // As many in each chunk as in the others.
    let chunks = (rows + max(1, count / width) - 1) / max(1, count / width)
    let each = (rows + chunks - 1) / chunks
    rowsAtATime = precision == .bfloat16 ? (each + 1) / 2 * 2 : each
  }

  /// Floats of a chunk.
  var count: Int { rowsAtATime * width }

  /// The first rows of all chunks, ascending.
  var starts: StrideTo<Int> { stride(from: 0, to: rows, by: rowsAtATime) }
  /// The rows of the chunk that begins at `start`.
  func chunk(at start: Int) -> Range<Int> { start..<min(start + rowsAtATime, rows) }
}

/// A bound layer that computes outputs, and what their gradient comes to, some rows at a time.
protocol ChunkedLayer: BoundLayer {
  /// Overwrites `outputs` with those of the rows `rows`.
  func forward(_ lane: borrowing Lane, rows: Range<Int>, into outputs: FloatView)

  /// Overwrites the rows' gradients of the input. The gradients of the slots are overwritten for the first rows, and go on for
  /// others, which must come ascending.
  func backward(_ lane: borrowing Lane, rows: Range<Int>, from gradient: FloatView)
}

extension Plan {
  /// Calls `body` with the outputs of some rows after others, ascending, behind `forward`; they are lent, and all rows are shown.
  package func forEachOutput(_ lane: borrowing Lane, _ body: (_ rows: Range<Int>, _ outputs: FloatView) -> Void) {
    guard let (chunks, layer) = chunked else { preconditionFailure("the plan keeps its outputs") }
    for start in chunks.starts {
      let rows = chunks.chunk(at: start)
      let outputs = lane.output[0..<rows.count * chunks.width]
      layer.forward(lane, rows: rows, into: outputs)
      body(rows, outputs)
    }
  }

  /// The same, before `backward`: `body` overwrites the outputs with their gradient.
  package func passOutputs(_ lane: borrowing Lane, _ body: (_ rows: Range<Int>, _ outputs: FloatView) -> Void) {
    guard let (chunks, layer) = chunked else { preconditionFailure("the plan keeps its outputs") }
    for start in chunks.starts {
      let rows = chunks.chunk(at: start)
      let outputs = lane.output[0..<rows.count * chunks.width]
      layer.forward(lane, rows: rows, into: outputs)
      body(rows, outputs)
      layer.backward(lane, rows: rows, from: outputs)
    }
  }
}
