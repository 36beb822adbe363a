import Configuration
import Diagnostics
import Tensors

/// A column of numbers, brought to a common scale.
package struct NumberColumn: ColumnKind {
  package static let kind = "number"
  package static let summary =
    "numbers, brought to a common scale; what is missing is filled in, and told by a feature of its own"

  let missing: MissingNumber
  /// Whether a feature tells which rows had no value, where training rows had none.
  let tellsMissing: Bool
  /// The quantiles that numbers are clipped to; nil: they are not.
  let clip: [Double]?
  package let scale: any NumberScale

  package init(_ settings: ConfigReader) throws {
    missing = try MissingNumber(settings)
    tellsMissing = try settings.bool("indicator", default: true)
    let clip = try settings.doubles("clip", default: [])
    guard clip.isEmpty || clip.count == 2 && clip[0] >= 0 && clip[0] < clip[1] && clip[1] <= 1 else {
      throw settings.failure(
        at: "clip", "expected two quantiles, from 0 to 1, the lower one first", cure: "write [0.01, 0.99]")
    }
    self.clip = clip.isEmpty ? nil : clip
    scale = try settings.choice("scale", numberScaleKinds.cases { try $0.init($1) }, default: StandardScale.kind)
  }

  package var storage: ColumnStorage { .numbers }
  package var requiresValue: Bool { if case .dropRow = missing { true } else { false } }

  package func fitted(on column: TrainingColumn) throws -> FittedColumn {
    let numbers = column.numbers
    guard !numbers.isEmpty else {
      throw column.failure("expected numbers in training rows, found none", cure: "leave it out of the columns")
    }
    return fitted(on: numbers, of: column.count)
  }

  /// Of the numbers that there are, at least one, among so many rows.
  func fitted(on numbers: NumberStream, of rows: Int) -> FittedColumn {
    var numbers = numbers
    var fitted = FittedColumn()
    if let clip {
      let bounds = Statistics.quantiles(clip, of: numbers)
      fitted.numbers["clip"] = bounds
      let (low, high) = (bounds[0], bounds[1])
      numbers = numbers.map { min(max($0, low), high) }
    }
    let value = missing.value(numbers)
    fitted.numbers["missing"] = [value]
    let fill = clip.map { _ in min(max(value, fitted.numbers["clip"]![0]), fitted.numbers["clip"]![1]) } ?? value
    let missingRows = rows - numbers.count
    if tellsMissing, missingRows > 0 { fitted.numbers["indicator"] = [1] }
    // The scale is that of what the network will see, what is filled in too.
    numbers = numbers.followed(by: fill, times: missingRows)
    fitted.numbers.merge(scale.fitted(on: numbers)) { first, _ in first }
    return fitted
  }

  package func encoder(_ fitted: FittedColumn) throws -> any ColumnEncoder {
    NumberEncoder(
      clip: fitted.numbers["clip"], missing: try fitted.number("missing"),
      tellsMissing: fitted.numbers["indicator"] != nil, scale: try scale.fittedScale(fitted))
  }
}

/// Clips, fills in, scales in double precision, and rounds once.
private struct NumberEncoder: ColumnEncoder {
  let clip: [Double]?
  let missing: Double
  let tellsMissing: Bool
  let scale: any FittedScale

  var suffixes: [String] { tellsMissing ? ["", " missing"] : [""] }

  func encode(_ values: ColumnValues, into features: UnsafeMutablePointer<Float>, stride: Int) {
    var numbers = values.numbers
    for row in numbers.indices {
      let isMissing = numbers[row].isNaN
      if isMissing { numbers[row] = missing }
      if tellsMissing { features[row * stride + 1] = isMissing ? 1 : 0 }
    }
    if let clip { for row in numbers.indices { numbers[row] = min(max(numbers[row], clip[0]), clip[1]) } }
    scale.apply(to: &numbers)
    for row in numbers.indices { features[row * stride] = Float(numbers[row]) }
  }
}
