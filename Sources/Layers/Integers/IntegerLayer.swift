import Diagnostics
import Kernels
import Tensors

/// A layer whose products can be ones of whole numbers of 8 bits, in a network that predicts and no longer trains.
///
/// Their inputs are rounded by scales that are fixed beforehand, weights by one an output; sums are exact, and outputs are of floats.
package protocol IntegerLayer: Layer {
  /// Its products, in the order in which it computes them; none where they have no such form. `memory` is of a `MemoryLayer`.
  func integerProducts(for input: Shape, memory: Shape?) -> [IntegerProduct]

  /// The weights of a product, an output each, as rows of its input meet them.
  func integerRows(_ weight: FloatView, for input: Shape) -> [Float]

  /// Binds it to products of whole numbers: `Lane.integers` has their weights.
  func bindToIntegers(_ binding: Binding) -> any BoundLayer
}

extension IntegerLayer {
  package func integerRows(_ weight: FloatView, for input: Shape) -> [Float] { weight.array }
}

/// A product of a layer that can be of whole numbers.
package struct IntegerProduct: Sendable {
  /// What it is called, behind the layer's place: `in_proj`; nil where the layer has no other.
  package let name: String?
  /// Of the layer's slots the one that has its weights.
  package let slot: Int
  package let inputs: Int
  package let outputs: Int
  /// Rows of a sample.
  package let rows: Int

  /// `2.0`, or `2.0.in_proj`
  func place(in path: String) -> String { name.map { "\(path).\($0)" } ?? path }

  /// None, where one of them has rows too long for exact sums.
  static func checked(_ products: [IntegerProduct]) -> [IntegerProduct] {
    products.allSatisfy { 1...IntegerWeights.mostInputs ~= $0.inputs } ? products : []
  }
}

/// A layer that reads rows of a table, which can be of whole numbers of 8 bits, a step a row.
package protocol IntegerTableLayer: Layer {
  /// Binds it to a table of whole numbers: `Lane.integerTable` has it.
  func bindToIntegers(_ binding: Binding) -> any BoundLayer
}

/// A bound layer whose products read something else than its input.
protocol IntegerOperands: BoundLayer {
  /// What product number `product` has read in a forward pass, of floats.
  func operand(of product: Int, _ lane: borrowing Lane) -> FloatView
}

/// Which products of a network compute with whole numbers of 8 bits: by their place, `2.0` or `2.0.in_proj`, what their input is rounded by.
package typealias ByteScales = [String: ByteScale]

/// What of a network is of whole numbers: products by their scales, and tables by the places of their layers.
package struct IntegerForm: Sendable {
  package let scales: ByteScales
  package let tables: Set<String>

  package init(scales: ByteScales = [:], tables: Set<String> = []) {
    (self.scales, self.tables) = (scales, tables)
  }

  static let none = IntegerForm()

  var isNone: Bool { scales.isEmpty && tables.isEmpty }

  /// A layer's products, where all of them have a scale; nil where it is one of floats.
  package func products(of layer: any Layer, at path: String, input: Shape, memory: Shape?) -> [(
    product: IntegerProduct, scale: ByteScale
  )]? {
    guard let layer = layer as? any IntegerLayer else { return nil }
    let products = layer.integerProducts(for: input, memory: memory)
    let found = products.compactMap { product in
      scales[product.place(in: path)].map { (product, $0) }
    }
    return found.isEmpty || found.count < products.count ? nil : found
  }
}

extension Network {
  /// What can compute with whole numbers, in the order of the forward pass: layers by their places, with the places of their products,
  /// tables by those of their layers; and the products' share of the multiply-adds.
  package var integerLayers: (layers: [(path: String, products: [String])], tables: [String]) {
    get throws {
      let graph = try Graph(self)
      var (layers, tables) = ([(path: String, products: [String])](), [String]())
      for operation in graph.operations {
        guard case .layer(let layer, _, _) = operation.action else { continue }
        if layer is any IntegerTableLayer { tables.append(operation.path) }
        let products = graph.integerProducts(of: operation)
        if !products.isEmpty {
          layers.append((operation.path, products.map { $0.place(in: operation.path) }))
        }
      }
      return (layers, tables)
    }
  }

  /// The share of the multiply-adds that products with scales have.
  package func share(of scales: ByteScales) throws -> Double {
    let graph = try Graph(self)
    var (own, all) = (0, 0)
    for operation in graph.operations {
      guard case .layer(let layer, _, _) = operation.action else { continue }
      all += graph.multiplyAdds(of: layer, operation.inputs)
      for product in graph.integerProducts(of: operation)
      where scales[product.place(in: operation.path)] != nil {
        own += product.rows * product.inputs * product.outputs
      }
    }
    return all == 0 ? 0 : Double(own) / Double(all)
  }

  /// A plan for predictions whose products at `scales`, and tables of the layers at `tables`, are of whole numbers, and all else of floats.
  ///
  /// Throws a `Failure` where one of these places has nothing that can. One of a sample that is `keepingRows` takes them some at a time.
  package func plan(
    microBatch: Int, scales: ByteScales, tables: Set<String> = [], keepingRows: Bool = false
  ) throws -> Plan {
    try Plan(
      self, microBatch: microBatch, keepingRows: keepingRows,
      integers: IntegerForm(scales: scales, tables: tables))
  }
}

extension Graph {
  /// A sample's shape of what an operation reads, and of its memory.
  package func shapes(of operation: Operation) -> (input: Shape, memory: Shape?) {
    (
      tensors[operation.inputs[0]].shape,
      operation.inputs.dropFirst().first.map { tensors[$0].shape }
    )
  }

  /// Its products that can be of whole numbers.
  func integerProducts(of operation: Operation) -> [IntegerProduct] {
    guard case .layer(let layer as any IntegerLayer, _, _) = operation.action else { return [] }
    let (input, memory) = shapes(of: operation)
    return layer.integerProducts(for: input, memory: memory)
  }
}
