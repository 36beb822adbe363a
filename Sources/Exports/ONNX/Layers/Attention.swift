import Kernels
import Layers
import Tensors

// N samples, T positions, D width, H heads of queries, G of keys and values, d = D / H columns a head, S positions of a memory.

extension MultiHeadAttention: ONNXLayer {
  /// softmax(Q Kᵀ / √d + M) V, of all heads at once; M is -∞ where a position is not to be seen, else 0, or less by a slope for each
  /// position between.
  public func append(to graph: ONNXGraph, _ x: ONNXValue, of shape: Shape, parameters: [ONNXValue]) -> ONNXValue {
    let (T, D) = (shape[0], shape[1])
    let d = D / heads, K = keyHeads * d
    let lengths = graph.sides.lengths
    let (inWeight, outWeight) = (parameters[0], parameters[hasBias ? 2 : 1])
    let projected = graph.linear(x, inWeight, bias: hasBias ? parameters[1] : nil)
    let parts = graph.split(projected, into: [D, K, K], axis: 2)
    var (Q, K_) = (graph.reshape(parts[0], to: [T, heads, d]), graph.reshape(parts[1], to: [T, keyHeads, d]))
    if case .rotary(let base) = positions {
      let angles = Angles(positions: T, columns: d, base: base)
      (Q, K_) = (graph.rotate(Q, angles, d), graph.rotate(K_, angles, d))
    }
    let joined = graph.attend(
      Q, K_, graph.reshape(parts[2], to: [T, keyHeads, d]), heads: heads, keyHeads: keyHeads, d, positions: T, keys: T,
      keyLengths: lengths
    ) { scores in
      var scores = scores
      if let slopes = positions.slopes(heads: heads) {
        let distances = graph.cast(graph.add("Abs", graph.distances(T)), to: .float32)
        scores = graph.add("Sub", scores, graph.add("Mul", distances, graph.singles(slopes, extents: [heads, 1, 1])))
      }
      return isCausal ? graph.add("Add", scores, mask(T, in: graph)) : scores
    }
    let real = lengths.map { graph.clear(joined, behind: $0, positions: T) } ?? joined
    return graph.linear(graph.operand(real, of: 1), outWeight, bias: hasBias ? parameters[3] : nil)
  }

  /// T×T: -∞ above the diagonal and before the window, which is made when the graph runs, so that a file does not hold it.
  private func mask(_ T: Int, in graph: ONNXGraph) -> ONNXValue {
    let distances = graph.distances(T)
    var isHidden = graph.add("Less", distances, graph.whole(0))
    if let window {
      isHidden = graph.add("Or", isHidden, graph.add("GreaterOrEqual", distances, graph.whole(window)))
    }
    return graph.choose(isHidden, graph.single(-.infinity), else: graph.single(0))
  }
}

extension CrossAttention: ONNXLayer {
  public func append(to graph: ONNXGraph, _ x: ONNXValue, of shape: Shape, parameters: [ONNXValue]) -> ONNXValue {
    let (T, D) = (shape[0], shape[1])
    let d = D / heads, K = keyHeads * d
    let (lengths, memory) = (graph.sides.lengths, graph.sides.memory!)
    let S = memory.shape[0]
    /// That of queries is given its operand.
    func project(_ x: ONNXValue, _ part: Int) -> ONNXValue {
      graph.linear(
        part == 0 ? x : graph.operand(x, of: part), parameters[hasBias ? 2 * part : part],
        bias: hasBias ? parameters[2 * part + 1] : nil)
    }
    let parts = graph.split(project(memory.value, 1), into: [K, K], axis: 2).map {
      graph.reshape($0, to: [S, keyHeads, d])
    }
    var joined = graph.attend(
      graph.reshape(project(x, 0), to: [T, heads, d]), parts[0], parts[1], heads: heads, keyHeads: keyHeads, d,
      positions: T, keys: S, keyLengths: memory.lengths)
    if let ends = memory.lengths {
      let isThere = graph.add("Unsqueeze", graph.add("Greater", ends, graph.whole(0)), graph.wholes([1, 2]))
      joined = graph.choose(isThere, joined, else: graph.single(0))
    }
    if let lengths { joined = graph.clear(joined, behind: lengths, positions: T) }
    return project(joined, 2)
  }
}

extension ONNXGraph {
  /// How far each of T positions lies behind each other: q - k in row q, T×T.
  fileprivate func distances(_ T: Int) -> ONNXValue {
    let places = Array(0..<T)
    return add("Sub", wholes(places, extents: [T, 1]), wholes(places))
  }

  /// `[N, T, H, d]` with columns j and j + d / 2 turned by the angles of their positions.
  fileprivate func rotate(_ x: ONNXValue, _ angles: Angles, _ d: Int) -> ONNXValue {
    let T = angles.cosines.count / (d / 2)
    let (cosines, sines) = (
      singles(angles.cosines.view.array, extents: [T, 1, d / 2]),
      singles(angles.sines.view.array, extents: [T, 1, d / 2])
    )
    let halves = split(x, into: [d / 2, d / 2], axis: 3)
    let low = add("Sub", add("Mul", halves[0], cosines), add("Mul", halves[1], sines))
    let high = add("Add", add("Mul", halves[1], cosines), add("Mul", halves[0], sines))
    return add("Concat", low, high, with: ["axis": .int(-1)])
  }

  /// softmax(Q Kᵀ / √d + …) V as `[N, T, D]`, of `[N, T, H, d]` and `[N, S, G, d]`; `adjust` is given the scaled scores, `[N, H, T, S]`.
  /// What only keys that are not real could tell is no number.
  fileprivate func attend(
    _ Q: ONNXValue, _ K: ONNXValue, _ V: ONNXValue, heads: Int, keyHeads: Int, _ d: Int, positions T: Int, keys S: Int,
    keyLengths: ONNXValue?, adjust: (ONNXValue) -> ONNXValue = { $0 }
  ) -> ONNXValue {
    func headsFirst(_ part: ONNXValue, _ order: [Int]) -> ONNXValue {
      add("Transpose", part, with: ["perm": .ints(order)])
    }
    /// Heads of keys or values as often as they serve.
    func repeated(_ part: ONNXValue, _ extents: [Int]) -> ONNXValue {
      let sharing = heads / keyHeads
      guard sharing > 1 else { return part }
      let wide = add("Expand", add("Unsqueeze", part, wholes([2])), wholes([1, 1, sharing, 1, 1]))
      return reshape(wide, to: [heads] + extents)
    }
    // Keys as N×H×d×S.
    let keys = repeated(headsFirst(K, [0, 2, 3, 1]), [d, S])
    let values = repeated(headsFirst(V, [0, 2, 1, 3]), [S, d])
    let products = add("MatMul", headsFirst(Q, [0, 2, 1, 3]), keys)
    var scores = adjust(add("Mul", products, single(1 / Float(d).squareRoot())))
    if let keyLengths {
      let isReal = add("Unsqueeze", areReal(keyLengths, positions: S), wholes([1, 2]))
      scores = choose(isReal, scores, else: single(-.infinity))
    }
    let outputs = add("MatMul", add("Softmax", scores, with: ["axis": .int(-1)]), values)
    return reshape(headsFirst(outputs, [0, 2, 1, 3]), to: [T, heads * d])
  }
}
