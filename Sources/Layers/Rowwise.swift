import Tensors

/// Some rows of a sample, or all: rows are what its first axis counts, the positions of a text.
public struct Rows: Sendable {
  private let part: (range: Range<Int>, count: Int)?

  private init(_ part: (range: Range<Int>, count: Int)?) { self.part = part }

  /// All rows of all samples.
  package static let all = Rows(nil)

  /// Whether these are all rows of all samples.
  var areAll: Bool { part == nil }

  /// The rows `range` of the only sample, which has `count`.
  public static func some(_ range: Range<Int>, of count: Int) -> Rows {
    precondition(
      !range.isEmpty && range.lowerBound >= 0 && range.upperBound <= count, "rows \(range) of \(count)")
    return Rows((range, count))
  }

  /// These rows of a tensor.
  public func of(_ view: FloatView) -> FloatView {
    guard let (range, count) = part else { return view }
    let width = view.count / count
    return view[range.lowerBound * width..<range.upperBound * width]
  }

  /// These rows of a tensor.
  func of(_ view: TensorView) -> TensorView {
    guard let (range, count) = part else { return view }
    let width = view.count / count
    return view[range.lowerBound * width..<range.upperBound * width]
  }

  /// Their numbers in a sample of `count` rows.
  func range(in count: Int) -> Range<Int> { part?.range ?? 0..<count }
}

/// A bound layer that can compute a sample some rows at a time, from the first on: in evaluation a row of its output
/// depends on that row of its input, and on what the layer itself keeps of the rows before.
///
/// So a model of text writes on without computing the rows that it knows again.
protocol RowwiseLayer: BoundLayer {
  /// Overwrites these rows of the output from the same rows of the input; those before them were computed by former calls.
  func forward(_ lane: borrowing Lane, rows: Rows)

  /// Whether it is so with the input and the settings that it is bound to.
  var isRowwise: Bool { get }
}

extension RowwiseLayer {
  func forward(_ lane: borrowing Lane) { forward(lane, rows: .all) }
  var isRowwise: Bool { true }
}

extension Plan {
  /// Whether `forward(_:rows:)` may be called: the plan was made with `keepingRows`, and all layers can.
  package var isRowwise: Bool { rowwise != nil }

  /// Overwrites the rows `rows` of `lane.output` from the same rows of the input, whose content stays.
  ///
  /// The rows before them must have been computed since the last `setInput`. In evaluation alone.
  /// Rows that come together or one at a time have the same bits, as long as all numbers are finite.
  public func forward(_ lane: borrowing Lane, rows: Range<Int>) {
    guard let rowwise else { preconditionFailure("the plan keeps no rows") }
    let rows = Rows.some(rows, of: network.input[0])
    for layer in rowwise { layer.forward(lane, rows: rows) }
  }
}
