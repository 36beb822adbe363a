import Diagnostics

/// Where a draft will be written to, and what follows for paths and commands in it.
package struct DraftPlace {
  let configuration: String

  /// A path as the configuration has it, quoted where it needs to be.
  func path(_ file: String) -> String { yamlText(DraftSource.path(file, from: configuration)) }

  /// The directory of a run of it, as a shell takes it.
  var run: String { Self.word("runs/\(ConfigurationSource.name(ofFile: configuration))") }

  /// The first lines: what was looked at, and how the model is trained.
  ///
  /// - Parameter use: how it is used then.
  func head(_ looked: String, use: String) -> [String] {
    [
      "# Written by lockstep init after a look at \(looked): change what you know better.",
      "# Train:   lockstep train \(Self.word(configuration))", "# \(use)",
    ]
  }

  /// What predicts a folder's files, or a table's rows.
  ///
  /// - Parameter settings: other options.
  func predict(_ input: String, _ settings: String = "") -> String {
    "Predict: lockstep predict \(run) --input \(input)\(settings) --output predictions.csv"
  }

  /// A word as a shell takes it: in quotes where it has more than letters, digits and a few signs.
  package static func word(_ text: String) -> String {
    let isPlain = text.unicodeScalars.allSatisfy {
      $0.properties.isAlphabetic || $0.properties.numericType != nil || "/._-+,@%:".unicodeScalars.contains($0)
    }
    return isPlain && !text.isEmpty ? text : "'\(text.replacing("'", with: "'\\''"))'"
  }
}
