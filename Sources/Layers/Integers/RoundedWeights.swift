import Diagnostics
import Kernels
import Tensors

/// The weights of a network as whole numbers, shared by lanes: what its products multiply by, and tables.
package struct RoundedWeights: Sendable {
  /// By the number of a layer, in the order of its products; none of layers of floats.
  fileprivate var products: [[IntegerWeights]] = []
  fileprivate var tables: [Int: IntegerTable] = [:]

  /// Of a plan that computes with floats alone.
  package static let none = RoundedWeights()
}

extension Lane {
  /// The weights of a product of a layer that computes with whole numbers.
  func integers(_ index: Int, product: Int = 0) -> IntegerWeights {
    guard index < integerWeights.products.count, product < integerWeights.products[index].count
    else {
      preconditionFailure(
        "layer \(index) computes with whole numbers, and the lane has none for it")
    }
    return integerWeights.products[index][product]
  }

  /// The table of a layer whose rows are whole numbers.
  func integerTable(_ index: Int) -> IntegerTable {
    guard let table = integerWeights.tables[index] else {
      preconditionFailure("layer \(index) reads whole numbers, and the lane has none for it")
    }
    return table
  }
}

extension Plan {
  /// A layer with whole numbers, where it stands.
  struct Integers: Sendable {
    let layer: any Layer
    let number: Int
    /// Places in the layout.
    let slots: [Int]
    let input: Shape
    let products: [(product: IntegerProduct, scale: ByteScale)]
  }

  /// What lanes of this plan read in place of `parameters` as they are now; none where it computes with floats alone.
  package func makeIntegerWeights(_ parameters: FloatView) -> RoundedWeights {
    guard !integers.isEmpty else { return .none }
    var weights = RoundedWeights()
    weights.products = [[IntegerWeights]](repeating: [], count: steps.count)
    for bound in integers {
      if let layer = bound.layer as? any IntegerLayer {
        weights.products[bound.number] = bound.products.map { product, scale in
          let rows = layer.integerRows(
            parameters[layout.slots[bound.slots[product.slot]].range], for: bound.input)
          return rows.withUnsafeBufferPointer {
            IntegerWeights(
              $0, outputs: product.outputs, inputs: rows.count / product.outputs, scale: scale)
          }
        }
      } else {
        let slot = layout.slots[bound.slots[0]]
        weights.tables[bound.number] = IntegerTable(parameters[slot.range], width: slot.shape[1])
      }
    }
    return weights
  }

  /// Bytes of the slots that are of whole numbers: as floats, and rounded with their steps; one that several layers have counts once.
  package var integerSize: (floats: Int, bytes: Int) {
    var outputs: [Int: Int] = [:]
    for bound in integers {
      for (product, _) in bound.products { outputs[bound.slots[product.slot]] = product.outputs }
      if bound.products.isEmpty { outputs[bound.slots[0]] = layout.slots[bound.slots[0]].shape[0] }
    }
    return outputs.reduce((0, 0)) { sum, slot in
      let count = layout.slots[slot.key].range.count
      return (sum.0 + 4 * count, sum.1 + count + 4 * slot.value)
    }
  }

  /// What the products of an operation have read in a pass, of a plan of floats; `body` is called behind it.
  package func forEachOperand(
    _ operation: Int, _ lane: borrowing Lane, _ body: (_ place: String, FloatView) -> Void
  ) {
    let places = integerPlaces[operation]
    guard !places.isEmpty, case .layer(_, let number, _) = operations[operation].action else {
      return
    }
    for (product, place) in places.enumerated() {
      if let layer = layers[number] as? any IntegerOperands {
        body(place, layer.operand(of: product, lane))
      } else {
        body(place, lane.values[operations[operation].inputs[0]])
      }
    }
  }

  /// Throws where a scale or a table has no layer.
  func require(_ form: IntegerForm) throws {
    let known = Set(integerPlaces.joined())
    let tables = Set(steps.filter { $0.layer is any IntegerTableLayer }.map(\.path))
    func failure(_ place: String, _ expected: String) -> Failure {
      Failure(
        .badData, at: "model.\(place)",
        "expected \(expected), found none that computes with 8 bits",
        cure: "quantise the model again")
    }
    if let other = form.scales.keys.filter({ !known.contains($0) }).min() {
      throw failure(other, "a dense layer, a convolution or a projection of attention")
    }
    if let other = form.tables.filter({ !tables.contains($0) }).min() {
      throw failure(other, "an embedding")
    }
    let used = integers.reduce(0) { $0 + $1.products.count }
    guard used == form.scales.count else {
      let own = Set(integers.map { steps[$0.number].path })
      let other = form.scales.keys.filter { place in
        !own.contains { place == $0 || place.hasPrefix("\($0).") }
      }.min()
      throw failure(other ?? "", "scales of all products of its layer")
    }
  }
}
