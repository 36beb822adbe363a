/// The parameters of a run as MLflow takes them: short names, values of at most 6,000 on one line.
struct MLflowParameters {
  /// Each name once, in the order of the configuration.
  let values: [(key: String, value: String)]
  /// The names of values that are longer than MLflow takes them, and were cut.
  let cut: [String]

  /// MLflow's limit (`MAX_PARAM_VAL_LENGTH`), in characters as Python counts them.
  static let longestValue = 6000

  /// All settings under the paths that `--set` knows them by, as `optimizer.adam.learning-rate`, and what the run is.
  init(_ start: RunStart) {
    // What was settled on stands in the place of what was asked for.
    let facts = [
      ("samples", "\(start.samples)"), ("parameters", "\(start.parameters)"), ("ranks", "\(start.ranks)"),
      ("instruction-set", start.instructionSet),
    ]
    let settings = start.settings.map { ($0.path, $0.text) }.filter { path, _ in !facts.contains { $0.0 == path } }
    self.init(settings + facts)
  }

  /// Values that are cut end in `…`; names that would be one file get numbers.
  init(_ all: [(name: String, value: String)]) {
    var (values, cut, known): ([(key: String, value: String)], [String], Set<String>) = ([], [], [])
    for (name, text) in all {
      let wanted = MLflowStore.key(name)
      var (key, number) = (wanted, 1)
      while !known.insert(key).inserted {
        number += 1
        key = "\(wanted.prefix(MLflowStore.longestKey - 8))-\(number)"
      }
      let line = Self.oneLine(text)
      let isLong = line.unicodeScalars.count > Self.longestValue
      if isLong { cut.append(key) }
      values.append((key, isLong ? "\(String(line.unicodeScalars.prefix(Self.longestValue - 1)))…" : line))
    }
    (self.values, self.cut) = (values, cut)
  }

  /// MLflow reads a value that has what Python calls the end of a line as several, and refuses it.
  private static func oneLine(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { scalar in
          switch scalar.properties.generalCategory {
          case .control, .lineSeparator, .paragraphSeparator: " "
          default: scalar
          }
        }))
  }
}
