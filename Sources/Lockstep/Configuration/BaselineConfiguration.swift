import Configuration

/// What figures stand beside, where it is something else than what training rows tell: `baseline` in a configuration.
///
/// ```yaml
/// baseline: {last-value: sales_12_before}
/// ```
/// It stands beside `metrics`, and not among the settings of data, as it decides what a model is judged by: nothing of what it
/// learns, so that a run may be resumed with another one.
public enum BaselineConfiguration: Sendable, Equatable {
  /// A naive forecast of a target of numbers, which a column holds for each row: the value of the month before, or of the year
  /// before. It need be no feature.
  case lastValue(column: String)

  static var kinds: ConfigCases<BaselineConfiguration> {
    ConfigCases([
      (
        "last-value", "a naive forecast of a target of numbers, such as the value of the month before",
        { settings in
          let column = try settings.string("column")
          settings.note("column", ": the column that holds it for each row")
          return .lastValue(column: column)
        }
      )
    ])
  }

  /// The column that it looks at.
  var column: String {
    switch self {
    case .lastValue(let column): column
    }
  }
}
