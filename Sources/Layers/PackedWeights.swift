import Kernels
import Tensors

// M rows of a product of a pass, p such products a step that have the same weights.

/// The weights of a network as its products read them, packed once a step and shared by the lanes of a rank.
///
/// A step passes several micro-batches through the same weights. Without this each of its products packs them for itself; that takes
/// 5 % of the time of a product of 128 rows, and 13 in bfloat16, where they are rounded on the way. No bit depends on it.
///
/// Copies exist while `whileFixed` runs, and no lane but those that are given them knows of any: whatever else reads or writes
/// parameters (updates, checkpoints, evaluations, audits) does so outside, and cannot meet one that is no longer true.
package final class PackedWeights: Sendable {
  /// By slot: for products with Wᵀ, and with W.
  private let turned: [PackedFactor?]
  private let plain: [PackedFactor?]

  /// Of the slots' matrices; all lie in one memory, which may have large pages.
  fileprivate init(turned: [Matrix?], plain: [Matrix?], in precision: NumberFormat) {
    // Each begins with a cache line.
    func floats(_ factor: Matrix) -> Int { (PackedFactor.count(factor, precision) + 15) / 16 * 16 }
    let memory = FlatBuffer(count: (turned + plain).reduce(0) { $0 + ($1.map(floats) ?? 0) }).view
    var next = 0
    func packed(_ factor: Matrix) -> PackedFactor {
      defer { next += floats(factor) }
      let own = memory[next..<next + PackedFactor.count(factor, precision)]
      return PackedFactor(factor, in: precision, memory: own)
    }
    self.turned = turned.map { $0.map(packed) }
    self.plain = plain.map { $0.map(packed) }
  }

  /// All that there are.
  package var factors: [PackedFactor] { (turned + plain).compactMap(\.self) }

  /// What products with a slot, or with its transpose, may take; nil: they pack it themselves.
  func factor(_ slot: Int, isTransposed: Bool) -> PackedFactor? { isTransposed ? turned[slot] : plain[slot] }

  /// Runs `body`, in which passes may use copies and nobody may write parameters; all copies are made of those that are there now.
  /// Allocates nothing.
  package func whileFixed<Result>(_ body: () throws -> Result) rethrows -> Result {
    forEach { $0.open() }
    defer { forEach { $0.close() } }
    return try body()
  }

  private func forEach(_ body: (PackedFactor) -> Void) {
    for factor in turned { if let factor { body(factor) } }
    for factor in plain { if let factor { body(factor) } }
  }
}

/// A product of a pass with a slot that is a matrix.
struct WeightProduct {
  let slot: Int
  /// Of the slot.
  let rows: Int, columns: Int
  /// Whether the other factor is multiplied by its transpose.
  let isTransposed: Bool
  /// M, of the other factor.
  let otherRows: Int

  /// What makes a copy worth it: `rows` of the other factor at most, if there were no end of products with it; and `price`, what it
  /// costs to write it to memory, in packings that stay in a cache. Where rows are more it would save less than half a percent of a
  /// layer's products.
  static func worth(_ precision: NumberFormat, isTransposed: Bool) -> (rows: Int, price: Int) {
    switch precision {
    // A product with a slot as it lies packs its rows while it multiplies by them, all but for nothing.
    case .float32: (isTransposed ? 512 : 0, 2)
    case .bfloat16: (2048, 1)
    }
  }

  /// Whether `times` of them, one after the other, are worth a copy.
  func isWorthPacking(times: Int, in precision: NumberFormat) -> Bool {
    let worth = Self.worth(precision, isTransposed: isTransposed)
    let outputs = isTransposed ? rows : columns
    guard times > worth.price, outputs > 1 else { return false }
    return otherRows * times <= worth.rows * (times - worth.price)
  }
}

/// A bound layer whose passes multiply by slots, with what `Lane.packed` has of them.
protocol WeightProductLayer: BoundLayer {
  var weightProducts: [WeightProduct] { get }
}

extension Plan {
  /// Copies of the weights for steps of `passes` micro-batches with `parameters`, which it borrows; nil where none is worth it.
  package func makePackedWeights(_ parameters: FloatView, passes: Int) -> PackedWeights? {
    guard passes > 1 else { return nil }
    var turned = [Matrix?](repeating: nil, count: layout.slots.count)
    var plain = turned
    for (product, times) in weightProducts where product.isWorthPacking(times: passes * times, in: precision) {
      let weights = Matrix(parameters[layout.slots[product.slot].range], rows: product.rows, columns: product.columns)
      if product.isTransposed { turned[product.slot] = weights.transposed } else { plain[product.slot] = weights }
    }
    guard (turned + plain).contains(where: { $0 != nil }) else { return nil }
    return PackedWeights(turned: turned, plain: plain, in: precision)
  }
}
