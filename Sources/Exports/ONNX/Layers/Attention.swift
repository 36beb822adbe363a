import Layers
import Tensors

// N samples, T positions, D width, H heads, d = D / H columns a head.

extension MultiHeadAttention: ONNXLayer {
  /// softmax(Q Kᵀ / √d + M) V, of all heads at once; M is -∞ where a position is not to be seen, else 0.
  public func append(to graph: ONNXGraph, _ x: ONNXValue, of shape: Shape, parameters: [ONNXValue]) -> ONNXValue {
    let (T, D) = (shape[0], shape[1])
    let d = D / heads
    let (inWeight, outWeight) = (parameters[0], parameters[hasBias ? 2 : 1])
    let projected = graph.linear(x, inWeight, bias: hasBias ? parameters[1] : nil)
    // N×T×D as N×H×T×d, keys as N×H×d×T.
    let parts = graph.split(projected, into: [D, D, D], axis: 2).map { graph.reshape($0, to: [T, heads, d]) }
    func headsFirst(_ part: ONNXValue, _ order: [Int]) -> ONNXValue {
      graph.add("Transpose", part, with: ["perm": .ints(order)])
    }
    let (Q, K) = (headsFirst(parts[0], [0, 2, 1, 3]), headsFirst(parts[1], [0, 2, 3, 1]))
    let V = headsFirst(parts[2], [0, 2, 1, 3])
    var scores = graph.add("Mul", graph.add("MatMul", Q, K), graph.single(1 / Float(d).squareRoot()))
    if isCausal { scores = graph.add("Add", scores, mask(T, in: graph)) }
    let outputs = graph.add("MatMul", graph.add("Softmax", scores, with: ["axis": .int(-1)]), V)
    let joined = graph.reshape(headsFirst(outputs, [0, 2, 1, 3]), to: [T, D])
    return graph.linear(joined, outWeight, bias: hasBias ? parameters[3] : nil)
  }

  /// T×T: -∞ above the diagonal, which is made when the graph runs, so that a file does not hold it.
  private func mask(_ T: Int, in graph: ONNXGraph) -> ONNXValue {
    let places = Array(0..<T)
    let isHidden = graph.add("Greater", graph.wholes(places), graph.wholes(places, extents: [T, 1]))
    return graph.choose(isHidden, graph.single(-.infinity), else: graph.single(0))
  }
}
