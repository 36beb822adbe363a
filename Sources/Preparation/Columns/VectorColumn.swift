import Configuration
import Diagnostics
import Tensors

/// A column of as many numbers in each row, which are brought to a common scale one by one, as columns of numbers are.
package struct VectorColumn: ColumnKind {
  package static let kind = "vector"
  package static let summary = "as many numbers in each row, each place of them brought to a scale of its own"

  /// How the numbers at one place become a feature.
  package let element: NumberColumn

  package init(_ settings: ConfigReader) throws { element = try NumberColumn(settings) }

  package var storage: ColumnStorage { .vectors }
  package var requiresValue: Bool { element.requiresValue }

  package func fitted(on column: TrainingColumn) throws -> FittedColumn {
    var fitted = FittedColumn(numbers: ["width": [Double(column.width)]])
    for place in 0..<column.width {
      let numbers = column.numbers(at: place)
      guard !numbers.isEmpty else {
        throw column.failure("expected numbers in training rows, found none", cure: "leave it out of the columns")
      }
      for (name, values) in element.fitted(on: numbers, of: column.count).numbers {
        // A row has all of its numbers or none.
        fitted.numbers[name == "indicator" ? name : "\(place).\(name)"] = values
      }
    }
    return fitted
  }

  package func encoder(_ fitted: FittedColumn) throws -> any ColumnEncoder {
    Encoder(
      elements: try elements(fitted).map(element.encoder), tellsMissing: fitted.numbers["indicator"] != nil)
  }

  /// What the numbers at each place were fitted to.
  package func elements(_ fitted: FittedColumn) throws -> [FittedColumn] {
    let width = try fitted.number("width")
    guard (1...65_536).contains(width), width == width.rounded() else {
      throw Failure(
        .badData, "expected a number of numbers in what was fitted, found \(width)", cure: "use another checkpoint")
    }
    // By place: `3.offset`.
    var own = [FittedColumn](repeating: FittedColumn(), count: Int(width))
    for (name, values) in fitted.numbers {
      let parts = name.split(separator: ".", maxSplits: 1)
      guard parts.count == 2, let place = Int(parts[0]), own.indices.contains(place) else { continue }
      own[place].numbers[String(parts[1])] = values
    }
    return own
  }

  private struct Encoder: ColumnEncoder {
    /// One feature each.
    let elements: [any ColumnEncoder]
    let tellsMissing: Bool

    var suffixes: [String] { elements.indices.map { "[\($0)]" } + (tellsMissing ? [" missing"] : []) }

    func encode(_ values: ColumnValues, into features: UnsafeMutablePointer<Float>, stride: Int) {
      guard case .vectors(let rows) = values.coded else { return }
      for (place, element) in elements.enumerated() {
        element.encode(ColumnValues(.numbers(rows.column(place))), into: features + place, stride: stride)
      }
      guard tellsMissing else { return }
      for row in 0..<rows.count { features[row * stride + elements.count] = rows.isMissing(row) ? 1 : 0 }
    }
  }
}
