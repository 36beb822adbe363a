extension StringProtocol {
  /// This text as a terminal may get it: what a terminal would obey, or show in another order, is escaped.
  ///
  /// Names of classes, columns and files come from files, which may be somebody else's. Control characters become `\n`,
  /// `\t`, `\r` or `\u{1B}`, as Swift writes them, and so do the characters that separate lines or turn the direction of
  /// writing. All else stays as it is, backslashes too: the result is for people to read, not for programs.
  ///
  /// - Parameter kept: what stays all the same, such as the line breaks of a text of several lines.
  package func shown(keeping kept: Set<Unicode.Scalar> = []) -> String {
    // Most texts have nothing to escape.
    guard unicodeScalars.contains(where: { isObeyed($0) && !kept.contains($0) }) else { return String(self) }
    var text = String.UnicodeScalarView()
    for scalar in unicodeScalars {
      if isObeyed(scalar), !kept.contains(scalar) {
        text.append(contentsOf: escape(scalar).unicodeScalars)
      } else {
        text.append(scalar)
      }
    }
    return String(text)
  }
}

/// Line breaks and tabs, which texts of several lines are made of.
package let layoutCharacters: Set<Unicode.Scalar> = ["\n", "\t"]

private func isObeyed(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.properties.generalCategory {
  case .control, .lineSeparator, .paragraphSeparator: true
  // Embeddings, overrides and isolates of Unicode's bidirectional algorithm.
  default: 0x202A...0x202E ~= scalar.value || 0x2066...0x2069 ~= scalar.value
  }
}

private func escape(_ scalar: Unicode.Scalar) -> String {
  switch scalar {
  case "\n": "\\n"
  case "\t": "\\t"
  case "\r": "\\r"
  default: "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
  }
}
