/// A table whose first column holds names; one that is too wide for a phone is scrolled by itself.
struct TableMarkup {
  private let head: [Markup]
  private var rows: [[Markup]] = []
  private let kind: Markup

  /// - Parameter kind: a class of the page's style: `numbers`, `words`.
  init(_ head: [Markup], kind: Markup = "numbers") { (self.head, self.kind) = (head, kind) }

  var isEmpty: Bool { rows.isEmpty }

  /// As many cells as there are heads.
  mutating func add(_ cells: [Markup]) {
    precondition(cells.count == head.count, "expected \(head.count) cells, found \(cells.count)")
    rows.append(cells)
  }

  var markup: Markup {
    guard !rows.isEmpty else { return .empty }
    let heads = head.map { "<th scope=\"col\">\($0)</th>" as Markup }
    let lines = rows.map { cells -> Markup in
      let others = cells.dropFirst().map { "<td>\($0)</td>" as Markup }
      return "<tr><th scope=\"row\">\(cells[0])</th>\(others)</tr>\n"
    }
    return """
      <div class="scroll"><table class="\(kind)"><thead><tr>\(heads)</tr></thead>
      <tbody>\(lines)</tbody></table></div>

      """
  }
}
