import Kernels
import Tensors

/// What an operation next to a product does, which the product's epilogue does for it.
struct Follower: Sendable {
  let work: Epilogue.Work
  /// The tensor that is read beside the product: a value in both passes; nil: none is.
  let operand: Int?
  /// The tensor that is written: a value forward, a gradient backward.
  let target: Int

  func forward(_ lane: borrowing Lane, rows: Rows) -> Epilogue {
    let with = operand.map { rows.of(lane.tensor($0)) }
    return Epilogue(work, with: with, into: rows.of(lane.tensor(target)))
  }

  func backward(_ lane: borrowing Lane) -> Epilogue {
    Epilogue(work, with: operand.map { lane.tensor($0) }, into: lane.gradient(target))
  }
}

/// A bound layer whose output is a product, and whose input's gradient is one: it can do what comes next to it.
///
/// Its backward pass reads its input, so that nothing that is computed earlier for this may lie there.
protocol FusingLayer: BoundLayer {
  /// What reads its output.
  var behind: Follower? { get set }
  /// What wrote its input, and passes its gradient on.
  var before: Follower? { get set }
}

/// In place of an operation that another one does.
struct Absorbed: RowwiseLayer {
  func forward(_ lane: borrowing Lane, rows: Rows) {}
  func backward(_ lane: borrowing Lane) {}
}

/// Which operations of a graph are done by the product before or, in the backward pass, behind them: activations, whose input or
/// output is read from a cache then, and sums of two, as at the end of a residual block.
struct Fusion {
  /// By operation: what its product goes on with in the forward pass, which is the next operation.
  private(set) var behind: [Int: Follower] = [:]
  /// By operation: what its product goes on with in the backward pass, which is the operation before it.
  private(set) var before: [Int: Follower] = [:]

  /// Each operation by itself: what tests compare with.
  static let none = Fusion()

  private init() {}

  /// `last` operations of the graph are left as they are: the last one, where its outputs come some rows at a time.
  init(_ graph: Graph, leaving last: Int) {
    for place in graph.operations.indices.dropLast(last) {
      let operation = graph.operations[place]
      guard case .layer(let layer, _, _) = operation.action, layer is any ProductLayer else { continue }
      let (input, output) = (operation.inputs[0], operation.outputs[0])
      if place + 1 < graph.operations.count - last {
        behind[place] = Self.follower(graph.operations[place + 1], of: output)
      }
      if place > 0, graph.tensors[input].learns {
        before[place] = Self.predecessor(graph.operations[place - 1], of: input, graph)
      }
    }
  }

  /// An operation's layer with what it does besides.
  func joined(_ layer: any BoundLayer, at place: Int) -> any BoundLayer {
    guard var layer = layer as? any FusingLayer else { return layer }
    (layer.behind, layer.before) = (behind[place], before[place])
    return layer
  }

  /// Whether an operation is done by the one before it in the forward pass.
  func absorbsForward(_ place: Int) -> Bool { behind[place - 1] != nil }
  /// Whether an operation is done by the one behind it in the backward pass.
  func absorbsBackward(_ place: Int) -> Bool { before[place + 1] != nil }

  private static func follower(_ next: Graph.Operation, of product: Int) -> Follower? {
    switch next.action {
    case .layer(let layer as any ElementwiseLayer, _, _) where next.inputs[0] == product:
      return Follower(work: .activate(layer.activation), operand: nil, target: next.outputs[0])
    case .join(.add) where next.inputs.count == 2 && next.inputs.contains(product):
      let other = next.inputs[next.inputs[0] == product ? 1 : 0]
      return Follower(work: .add, operand: other, target: next.outputs[0])
    default: return nil
    }
  }

  private static func predecessor(_ previous: Graph.Operation, of input: Int, _ graph: Graph) -> Follower? {
    guard case .layer(let layer as any ElementwiseLayer, _, _) = previous.action, previous.outputs[0] == input,
      graph.tensors[previous.inputs[0]].learns
    else { return nil }
    let activation = layer.activation
    let source = activation.derivativeSource == .input ? previous.inputs[0] : input
    return Follower(work: .differentiate(activation), operand: source, target: previous.inputs[0])
  }
}

/// A layer that is bound to a `FusingLayer`.
protocol ProductLayer: Layer {}
extension Dense: ProductLayer {}
extension MultiHeadAttention: ProductLayer {}

extension Plan {
  /// What a pass has computed when an operation is through.
  package struct Computed: Sendable {
    /// `2.0 (dense)`, or `2.0 (dense) with 2.1 (relu)` where one did it with the other.
    package let name: String
    /// Places of the values, or of the gradients.
    package let tensors: [Int]
  }

  /// What the forward pass computes with an operation; nil where that is nothing, or is done by the one before.
  package func computed(forward place: Int) -> Computed? {
    guard let name = operations[place].name, !fusion.absorbsForward(place) else { return nil }
    return computed(name, place, fusion.behind[place] == nil ? nil : place + 1, \.outputs)
  }

  /// What the backward pass computes with an operation; nil where that is nothing, or is done by the one behind.
  package func computed(backward place: Int) -> Computed? {
    guard let name = operations[place].name, !fusion.absorbsBackward(place) else { return nil }
    return computed(name, place, fusion.before[place] == nil ? nil : place - 1, \.inputs)
  }

  private func computed(
    _ name: String, _ place: Int, _ other: Int?, _ tensors: (Graph.Operation) -> [Int]
  ) -> Computed {
    let (own, others) = (tensors(operations[place]), other.map { tensors(operations[$0]) } ?? [])
    let both = other.flatMap { operations[$0].name }.map { "\(name) with \($0)" }
    return Computed(name: both ?? name, tensors: own + others.filter { !own.contains($0) })
  }
}
