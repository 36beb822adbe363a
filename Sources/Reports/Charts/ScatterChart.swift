/// Points in a plane: predictions over truths.
package struct ScatterChart: Sendable {
  package var title: String
  package var points: [(x: Double, y: Double)]
  package var xName = ""
  package var yName = ""

  package init(_ title: String, _ points: [(x: Double, y: Double)]) { (self.title, self.points) = (title, points) }

  /// Points that are drawn, at most: those of every so many rows.
  static let most = 1000

  /// With a line where both are equal.
  package var figure: Markup {
    let finite = points.filter { $0.x.isFinite && $0.y.isFinite }
    guard !finite.isEmpty else { return .empty }
    let step = (finite.count + Self.most - 1) / Self.most
    let shown = stride(from: 0, to: finite.count, by: step).map { finite[$0] }
    let axis = Axis(covering: shown.flatMap { [$0.x, $0.y] })
    let drawing = Drawing(axis, axis, height: 300, xName: xName, yName: yName)
    let (low, high) = (axis.range.lowerBound, axis.range.upperBound)
    var content: Markup = """
      <path class="reference" d="M\(drawing.placeX(low)) \(drawing.placeY(low))L\(drawing.placeX(high)) \
      \(drawing.placeY(high))"/><g class="dots">
      """
    for point in shown {
      content += "<circle cx=\"\(drawing.placeX(point.x))\" cy=\"\(drawing.placeY(point.y))\" r=\"2\"/>"
    }
    content += "</g>"
    let note: Markup = step > 1 ? "<p class=\"note\">One row of \(step).</p>" : ""
    return """
      <figure><figcaption>\(Names.markup(title, most: 120))</figcaption>\(drawing.svg(title, content))\
      <ul class="legend"><li><span class="key reference"></span>where both are equal</li></ul>\(note)</figure>

      """
  }
}
