import Lockstep
import Tensors

/// What a layer takes.
package struct LayerResult: Sendable {
  package let layerCase: LayerCase
  package let precision: NumberFormat
  /// Seconds of a pass, over the rounds.
  package let forward: Spread
  package let backward: Spread
  /// The same layer as an expression of PyTorch, by what `Exports/Python/blocks.py` defines.
  package let pyTorch: String

  init(_ layerCase: LayerCase, precision: NumberFormat, forward: Spread, backward: Spread, pyTorch: String) {
    (self.layerCase, self.precision, self.forward, self.backward) = (layerCase, precision, forward, backward)
    self.pyTorch = pyTorch
  }

  var record: Record {
    [
      ("layer", .text(layerCase.name)), ("input", .text("\(layerCase.input)")),
      ("microbatch", .int(layerCase.microBatch)), ("precision", .text(precision.rawValue)),
      ("forward_seconds", .number(forward.median)), ("forward_seconds_min", .number(forward.min)),
      ("forward_seconds_max", .number(forward.max)), ("backward_seconds", .number(backward.median)),
      ("backward_seconds_min", .number(backward.min)), ("backward_seconds_max", .number(backward.max)),
      ("pytorch", .text(pyTorch)), ("version", .text(lockstepVersion)),
    ]
  }
}

/// A line for each layer: microseconds of a pass of a micro-batch, medians and ranges of the rounds.
package func table(of results: [LayerResult]) -> String {
  func time(_ spread: Spread) -> [String] {
    [fixed(spread.median * 1e6, 0), "\(fixed(spread.min * 1e6, 0))…\(fixed(spread.max * 1e6, 0))"]
  }
  let head = ["layer", "input", "micro-batch", "forward, µs", "range", "backward, µs", "range"]
  let rows = results.map { result in
    [result.layerCase.name, "\(result.layerCase.input)", "\(result.layerCase.microBatch)"]
      + time(result.forward) + time(result.backward)
  }
  return textTable([head] + rows, leading: 2)
}

extension BenchmarkFiles {
  /// Writes the results of the benchmark of layers, which have no plot.
  package func write(_ results: [LayerResult]) throws { try write(results.map(\.record), plot: "") }
}
