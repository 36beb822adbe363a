import Diagnostics

/// One page of HTML that needs nothing else: no network, no script.
package struct Page: Sendable {
  /// A part of a page under a head of its own.
  package struct Section: Sendable {
    /// What links lead to: letters and dashes.
    let anchor: Markup
    let title: String
    var content: Markup

    package init(_ anchor: Markup, _ title: String, _ content: Markup) {
      (self.anchor, self.title, self.content) = (anchor, title, content)
    }
  }

  package var title: String
  /// What stands above the first section.
  package var lead: Markup
  package var sections: [Section]
  /// Who wrote it, at its foot.
  package var writer = "lockstep report"
  /// Bytes that it may have.
  package var mostBytes = Page.mostBytes

  package init(title: String, lead: Markup, sections: [Section]) {
    (self.title, self.lead, self.sections) = (title, lead, sections)
  }

  /// Bytes that a page may have.
  package static let mostBytes = 5_000_000

  /// The text of the file. Sections without content are left out.
  ///
  /// Every list in a page is bounded, so that it stays far below `mostBytes`; where it would not all the same, the longest
  /// sections go, and the page says so.
  package var html: String {
    var shown = sections.filter { !$0.content.isEmpty }
    var size = shown.reduce(lead.text.utf8.count + Style.css.utf8.count + 20_000) { $0 + $1.content.text.utf8.count }
    while size > mostBytes, let place = shown.indices.max(by: { length(shown[$0]) < length(shown[$1]) }) {
      let bytes = length(shown[place])
      guard bytes > 1000 else { break }
      shown[place].content =
        "<p class=\"note\">Left out, as the page would have more than \(mostBytes / 1_000_000) MB.</p>"
      size += length(shown[place]) - bytes
    }
    let links = shown.map { "<a href=\"#\($0.anchor)\">\($0.title)</a>" as Markup }
    let bodies = shown.map { section -> Markup in
      """
      <section id="\(section.anchor)"><h2>\(section.title)</h2>
      \(section.content)</section>

      """
    }
    let page: Markup = """
      <!DOCTYPE html>
      <html lang="en"><head><meta charset="utf-8"/>
      <meta name="viewport" content="width=device-width, initial-scale=1"/>
      <meta name="color-scheme" content="light dark"/>
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"/>
      <link rel="icon" href="data:,"/>
      <title>\(Names.brief(title, most: 120))</title>
      <style>\(Markup(stringLiteral: Style.css))</style></head>
      <body><main>
      <header>\(lead)</header>
      <nav>\(links.joined(by: " "))</nav>
      \(bodies)
      <footer>Written by \(writer).</footer>
      </main></body></html>

      """
    return page.text
  }

  private func length(_ section: Section) -> Int { section.content.text.utf8.count }
}
