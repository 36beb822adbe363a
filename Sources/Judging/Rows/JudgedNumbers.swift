import Diagnostics

/// Predicted numbers of one target beside the true ones, in the target's own unit.
///
/// Letters: N rows, W numbers of a row.
public struct JudgedNumbers: Sendable {
  public let name: String
  private var predictions: RowNumbers<Double>
  private let targets: RowNumbers<Double>
  /// Where the predictions of a row stand, and its target.
  private var column: Int
  private let targetColumn: Int
  /// Numbers from a row's predictions to the next one's; 0 where one stands for all.
  private var stride: Int
  private let width: Int

  /// Predictions N×W, or W for all rows, and targets N×W, row-major, of which one column is looked at.
  public init(
    name: String, predictions: RowNumbers<Double>, targets: RowNumbers<Double>, column: Int = 0, of width: Int = 1
  ) {
    precondition((0..<width).contains(column) && targets.count % width == 0, "column \(column) of \(width)")
    (self.name, self.predictions, self.targets, self.width) = (name, predictions, targets, width)
    (self.column, targetColumn) = (column, column)
    stride = predictions.count == width && targets.count != width ? 0 : width
    precondition(
      stride == 0 || predictions.count == targets.count,
      "expected \(targets.count) predictions, found \(predictions.count)")
  }

  public var count: Int { targets.count / width }
  @inline(__always)
  package func prediction(_ row: Int) -> Double { predictions[row * stride + column] }
  @inline(__always)
  package func target(_ row: Int) -> Double { targets[row * width + targetColumn] }

  /// The same rows, of which other numbers are said: one a row, or one for all.
  package func saying(_ numbers: [Double]) -> JudgedNumbers {
    var other = self
    precondition(numbers.count == count || numbers.count == 1, "expected \(count) numbers, found \(numbers.count)")
    (other.predictions, other.column, other.stride) = (RowNumbers(numbers), 0, numbers.count == 1 ? 0 : 1)
    return other
  }

  func check() throws {
    for row in 0..<count {
      let (prediction, target) = (prediction(row), target(row))
      guard !(prediction.isFinite && target.isFinite) else { continue }
      throw Failure(
        .badData, at: "row \(row + 1), \(name)",
        "expected a number, found \(target.isFinite ? "\(prediction) predicted" : "\(target) as the target")",
        cure: "look for weights that are not finite, or for features that are far from those of training")
    }
  }
}
