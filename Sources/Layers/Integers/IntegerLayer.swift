import Diagnostics
import Kernels
import Tensors

/// A layer whose product can be one of whole numbers of 8 bits, in a network that predicts and no longer trains.
///
/// Its input is rounded by a scale that is fixed beforehand, its weights by one an output; sums are exact, and its output is of floats.
package protocol IntegerLayer: Layer {
  /// Numbers of a row of its product; nil where its product has no such form.
  func integerInputs(for input: Shape) -> Int?

  /// Its first slot, rows of weights, an output each, as rows of bytes of its input meet them.
  func integerRows(_ weight: FloatView, for input: Shape) -> [Float]

  /// Outputs of its product.
  var integerOutputs: Int { get }

  /// Binds it to products of whole numbers: `Lane.integerWeights` has its weights.
  func bindToIntegers(_ binding: Binding) -> any BoundLayer
}

/// Which layers of a network compute with whole numbers of 8 bits: by their place, `2.0`, what their input is rounded by.
package typealias ByteScales = [String: ByteScale]

extension Network {
  /// Layers that can compute with whole numbers, in the order of the forward pass, and their share of the multiply-adds.
  package var integerLayers: (places: [String], share: Double) {
    get throws {
      let graph = try Graph(self)
      var (places, work, all) = ([String](), 0, 0)
      for operation in graph.operations {
        guard case .layer(let layer, _, _) = operation.action else { continue }
        let input = graph.tensors[operation.inputs[0]].shape
        let own = graph.multiplyAdds(of: layer, operation.inputs)
        all += own
        guard (layer as? any IntegerLayer)?.integerInputs(for: input) != nil else { continue }
        places.append(operation.path)
        work += own
      }
      return (places, all == 0 ? 0 : Double(work) / Double(all))
    }
  }

  /// A plan for predictions whose layers at `scales` compute with whole numbers, and all others with floats.
  ///
  /// Throws a `Failure` where one of these places has no layer that can.
  package func plan(microBatch: Int, scales: ByteScales) throws -> Plan {
    try Plan(self, microBatch: microBatch, scales: scales)
  }
}

extension Plan {
  /// What lanes of this plan multiply by, of `parameters` as they are now; none where it computes with floats alone.
  package func makeIntegerWeights(_ parameters: FloatView) -> [IntegerWeights?] {
    guard !integers.isEmpty else { return [] }
    var weights = [IntegerWeights?](repeating: nil, count: steps.count)
    for bound in integers {
      let slot = parameters[layout.slots[bound.slot].range]
      let rows = bound.layer.integerRows(slot, for: bound.input)
      weights[bound.number] = rows.withUnsafeBufferPointer {
        IntegerWeights(
          $0, outputs: bound.layer.integerOutputs, inputs: rows.count / bound.layer.integerOutputs, scale: bound.scale)
      }
    }
    return weights
  }

  /// Throws where a scale has no layer.
  static func require(_ scales: ByteScales, among steps: [Step]) throws {
    let known = Set(steps.filter { $0.layer is any IntegerLayer }.map(\.path))
    guard let other = scales.keys.filter({ !known.contains($0) }).min() else { return }
    throw Failure(
      .badData, at: "model.\(other)", "expected a dense layer or a convolution, found none that computes with 8 bits",
      cure: "quantise the model again")
  }

  /// A layer that computes with whole numbers, where it stands.
  struct Integers: Sendable {
    let layer: any IntegerLayer
    let number: Int
    let slot: Int
    let input: Shape
    let scale: ByteScale
  }
}
