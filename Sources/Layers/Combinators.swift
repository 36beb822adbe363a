import Configuration
import Tensors

/// A layer made of layers: one or several branches that read the same input, and how their outputs become one.
///
/// The plan binds what is inside; a combinator itself computes nothing but the join. Slots inside are named by the
/// branch, where there are several, and by the place in it: `2.0.weight`, `2.1.0.weight`.
public protocol Combinator: Layer {
  var branches: [[any Layer]] { get }
  /// Nil where there is one branch.
  var join: Join? { get }
}

/// How the outputs of branches become one.
public enum Join: String, Sendable, CaseIterable {
  /// Their sum, first branch first; the shapes are equal.
  case add
  /// Their product, element by element, first branch first; the shapes are equal. A branch that ends with a sigmoid is a
  /// gate for the others. Dauphin et al.: *Language modeling with gated convolutional networks* (ICML 2017).
  ///
  /// Of two branches one may have a number for each channel, its last axis, which multiplies all positions of the other. Hu, Shen,
  /// Sun: *Squeeze-and-excitation networks* (CVPR 2018).
  case multiply
  /// Side by side along the last axis; the other extents are equal.
  case concatenate
}

/// Layers one after the other: a block with a name of its own in the slots.
public struct Sequential: Combinator {
  public static let kind = "sequential"
  public static let summary = "layers one after the other"
  /// In the order of the forward pass.
  public let layers: [any Layer]

  /// Layers in the order of the forward pass.
  public init(layers: [any Layer]) { self.layers = layers }
  /// Layers in the order of the forward pass, written one below the other.
  public init(@LayerBuilder layers: () -> [any Layer]) { self.init(layers: layers()) }

  public var branches: [[any Layer]] { [layers] }
  public var join: Join? { nil }
}

/// `y = body(x) + shortcut(x)`; without layers the shortcut is the input itself.
///
/// He et al.: *Deep residual learning for image recognition* (CVPR 2016).
public struct Residual: Combinator {
  public static let kind = "residual"
  public static let summary = "body(x) + shortcut(x)"
  public let body: [any Layer]
  public let shortcut: [any Layer]

  /// A body, and what its input goes through beside it: nothing where the shortcut is empty.
  public init(body: [any Layer], shortcut: [any Layer] = []) {
    self.body = body
    self.shortcut = shortcut
  }

  public init(
    @LayerBuilder body: () -> [any Layer], @LayerBuilder shortcut: () -> [any Layer] = { [] }
  ) {
    self.init(body: body(), shortcut: shortcut())
  }

  /// One branch alone names its slots `0.weight`, as a `Sequential`; with a shortcut they are `0.0.weight` and so on.
  public var branches: [[any Layer]] { [body, shortcut] }
  public var join: Join? { .add }
}

/// Several branches on the same input, joined: towers, wide-and-deep, gates.
///
/// A branch that begins with a `Select` reads its own columns: two inputs are two ranges of columns.
/// Cheng et al.: *Wide & deep learning for recommender systems* (2016).
public struct Parallel: Combinator {
  public static let kind = "parallel"
  public static let summary = "branches of the same input, joined"
  public let branches: [[any Layer]]
  private let joining: Join
  public var join: Join? { joining }

  /// At least two branches, all of the same input.
  public init(join: Join = .concatenate, branches: [[any Layer]]) {
    precondition(branches.count > 1, "several branches are joined, found \(branches.count)")
    self.branches = branches
    joining = join
  }
}

extension Combinator {
  public func outputShape(for input: Shape) throws -> Shape {
    let outputs = try branches.map { try $0.reduce(input) { try $1.outputShape(for: $0) } }
    return try joinedShape(outputs)
  }

  /// The shape that the outputs of the branches become.
  func joinedShape(_ outputs: [Shape]) throws -> Shape {
    let first = outputs[0]
    switch join {
    case nil: return first
    case .add, .multiply:
      guard let other = outputs.first(where: { $0 != first }) else { return first }
      if let gated = join?.gated(outputs) { return gated }
      let isGate = join == .multiply && first.rank > 1 && outputs.count == 2
      let gates = isGate ? ", or one with a number for each of \(first.extents.last!) channels" : ""
      throw ShapeError(Self.kind, expected: "branches of one shape (the first gives \(first))\(gates)", found: other)
    case .concatenate:
      let outer = first.extents.dropLast()
      if let other = outputs.first(where: { $0.rank != first.rank || $0.extents.dropLast() != outer }) {
        throw ShapeError(
          Self.kind, expected: "branches that differ in the last extent alone (the first gives \(first))", found: other)
      }
      guard first.rank > 0 else { throw ShapeError(Self.kind, expected: "branches with an axis", found: first) }
      return Shape(Array(outer) + [outputs.reduce(0) { $0 + $1.extents.last! }])
    }
  }

  public func bind(_ binding: Binding) throws -> any BoundLayer {
    preconditionFailure("a plan binds the layers inside of \(Self.kind), not itself")
  }
}

extension Sequential: ConfiguredLayer {
  public init(_ settings: ConfigReader) throws {
    self.init(layers: try settings.layers("layers", count: 1...))
  }
}

extension Residual: ConfiguredLayer {
  public init(_ settings: ConfigReader) throws {
    self.init(
      body: try settings.layers("body", count: 1...), shortcut: try settings.layers("shortcut", whenMissing: .empty))
  }
}

extension Parallel: ConfiguredLayer {
  public init(_ settings: ConfigReader) throws {
    let branches = try settings.list("branches", count: 2...) { branch in
      try branch.list { try $0.choice(elementKinds()) }.flatMap(\.self)
    }
    self.init(join: try settings.option("join", default: .concatenate), branches: branches)
  }
}
