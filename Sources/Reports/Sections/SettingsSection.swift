import Diagnostics

/// How a run was configured: what decides most, and all of it.
struct SettingsSection {
  let run: RunFacts

  /// Bytes of the text that are shown.
  private static let most = 200_000

  var markup: Markup {
    guard !run.configuration.isEmpty else { return "<p>config.yaml is missing, or cannot be read.</p>" }
    var table = TableMarkup(["", ""], kind: "words")
    for key in ["epochs", "batch", "micro-batch", "seed", "standardise", "reduction"] {
      if let value = run.setting(key) { table.add(["\(key)", "<code>\(Names.brief(value, most: 60))</code>"]) }
    }
    for key in ["loss", "optimizer", "schedule"] {
      let own = run.settings.filter { $0.path == key || $0.path.hasPrefix("\(key).") }
      guard !own.isEmpty else { continue }
      let text = own.prefix(8).map { "\($0.path.dropFirst(key.count + 1)) \($0.text)" }.joined(separator: ", ")
      table.add(["\(key)", "<code>\(Names.brief(text, most: 200))</code>"])
    }
    let lines = run.configuration.utf8.count
    let text =
      lines > Self.most ? String(decoding: run.configuration.utf8.prefix(Self.most), as: UTF8.self) : run.configuration
    let cut: Markup =
      lines > Self.most
      ? "<p class=\"note\">The first \(byteText(Double(Self.most))) of \(byteText(Double(lines))).</p>" : ""
    return """
      \(table.markup)
      <details><summary>config.yaml: every setting</summary>
      <pre>\(Self.lines(text))</pre>\(cut)</details>

      """
  }

  /// Escaped line by line, so that their breaks stay.
  static func lines(_ text: String) -> Markup {
    text.split(separator: "\n", omittingEmptySubsequences: false)
      .map { Markup(escaping: Names.brief(String($0), most: 2000)) }.joined(by: "\n")
  }
}
