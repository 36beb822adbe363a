import Diagnostics

/// How often each class was taken for each: a row a true class, a column a predicted one, dark where the share of the row is
/// large.
package struct HeatMap: Sendable {
  package var title: String
  package var classes: [String]
  /// Truth × prediction, row-major: rows, or what they weigh.
  package var counts: [Double]

  package init(_ title: String, classes: [String], counts: [Double]) {
    precondition(counts.count == classes.count * classes.count, "expected a count for each pair of classes")
    (self.title, self.classes, self.counts) = (title, classes, counts)
  }

  /// Classes that are drawn, at most, and those whose counts can be read.
  package static let most = 40
  private static let mostWithNumbers = 12

  package var figure: Markup {
    let count = classes.count
    guard count > 1, count <= Self.most else { return .empty }
    let left = min(110, (classes.map { Names.width(of: $0) }.max() ?? 0) + 10)
    let side = (Drawing.width - left - 4) / Double(count)
    let row = min(side, count <= 4 ? 52 : 30)
    let isUpright = side < 42
    let head = isUpright ? min(90, (classes.map { Names.width(of: $0) }.max() ?? 0) + 8) : 18.0
    let height = head + row * Double(count) + 4
    var content = Markup.empty
    for (place, name) in classes.enumerated() {
      let x = left + (Double(place) + 0.5) * side
      if isUpright, side >= 9 {
        let text = Names.fitting(name, width: head - 6)
        content += "<text transform=\"translate(\(x + 4) \(head - 4)) rotate(-90)\">\(text)</text>"
      } else if !isUpright {
        content += "<text x=\"\(x)\" y=\"13\" text-anchor=\"middle\">\(Names.fitting(name, width: side - 4))</text>"
      }
      let y = head + (Double(place) + 0.5) * row + 4
      guard row >= 9 else { continue }
      content += "<text x=\"\(left - 5)\" y=\"\(y)\" text-anchor=\"end\">\(Names.fitting(name, width: left - 8))</text>"
    }
    for truth in 0..<count { content += cells(of: truth, left, side, head + row * Double(truth), row) }
    return """
      <figure><figcaption>\(Names.markup(title, most: 120))</figcaption>\(Drawing.svg(title, height: height, content))\
      <p class="note">A row a true class, a column a predicted one; the stronger a colour, the more of the row.</p></figure>

      """
  }

  private func cells(of truth: Int, _ left: Double, _ side: Double, _ y: Double, _ row: Double) -> Markup {
    let count = classes.count
    let own = counts[truth * count..<(truth + 1) * count]
    let total = own.reduce(0, +)
    var content = Markup.empty
    for (prediction, cell) in own.enumerated() {
      let x = left + Double(prediction) * side
      // In 21 shades, which classes of the page's style have.
      let shade = total > 0 ? Int((cell / total * 20).rounded()) : 0
      if shade > 0 || count <= Self.mostWithNumbers {
        let kind: Markup = prediction == truth ? "h" : "e"
        content += """
          <rect class="\(kind)\(shade)" x="\(x + 0.5)" y="\(y + 0.5)" width="\(side - 1)" height="\(row - 1)">\
          <title>\(Names.brief(classes[truth], most: 40)) taken for \(Names.brief(classes[prediction], most: 40)): \
          \(ClassFacts.amount(cell))</title></rect>
          """
      }
      guard count <= Self.mostWithNumbers else { continue }
      let ink: Markup = shade > 10 ? " class=\"onheat\"" : ""
      let (text, middle) = (ClassFacts.amount(cell), x + side / 2)
      let size = Names.width(of: text) > side - 2 ? 8 : 11
      content +=
        "<text\(ink) x=\"\(middle)\" y=\"\(y + row / 2 + 4)\" text-anchor=\"middle\" font-size=\"\(size)\">\(text)</text>"
    }
    return content
  }
}
