/// Curves over one axis: losses over epochs, true positives over false ones.
package struct LineChart: Sendable {
  /// One curve.
  package struct Series: Sendable {
    package var name: String
    /// In the order of x; a value that is no number leaves a gap.
    package var points: [(x: Double, y: Double)]
    /// Drawn thin, behind the others: what single steps gave.
    package var isFaint = false
    /// Whether each point has a mark of its own.
    package var hasMarks = false

    package init(
      _ name: String, _ points: [(x: Double, y: Double)], isFaint: Bool = false, hasMarks: Bool = false
    ) {
      (self.name, self.points, self.isFaint, self.hasMarks) = (name, points, isFaint, hasMarks)
    }
  }

  /// A straight line to compare with.
  package struct Reference: Sendable {
    package var name: String
    package var from: (x: Double, y: Double)
    package var to: (x: Double, y: Double)
    package init(_ name: String, from: (x: Double, y: Double), to: (x: Double, y: Double)) {
      (self.name, self.from, self.to) = (name, from, to)
    }
  }

  package var title: String
  package var series: [Series]
  package var references: [Reference] = []
  package var xName = ""
  package var yName = ""
  /// nil: as the points are.
  package var xRange: ClosedRange<Double>?
  package var yRange: ClosedRange<Double>?
  /// A point to be seen, and what it is: the threshold that was chosen.
  package var marks: [(name: String, x: Double, y: Double)] = []

  package init(_ title: String, _ series: [Series]) { (self.title, self.series) = (title, series) }

  /// Colours there are; further series have those of the first.
  static let colours = 6
  /// Series that are drawn, at most.
  static let mostSeries = 12

  package var figure: Markup {
    let drawn = series.filter { $0.points.contains { $0.x.isFinite && $0.y.isFinite } }
    let shown = drawn.prefix(Self.mostSeries)
    guard !shown.isEmpty else { return .empty }
    let all = shown.flatMap { $0.points }.filter { $0.x.isFinite && $0.y.isFinite }
    let ends = references.flatMap { [$0.from, $0.to] }
    let x = xRange.map { Axis($0) } ?? Axis(covering: all.map(\.x))
    let y = yRange.map { Axis($0) } ?? Axis(covering: all.map(\.y) + ends.map(\.y))
    let drawing = Drawing(xRange == nil ? Self.tight(x, all.map(\.x)) : x, y, xName: xName, yName: yName)
    var (content, legend) = (Markup.empty, Markup.empty)
    for line in references {
      let (from, to) = (line.from, line.to)
      content += """
        <path class="reference" d="M\(drawing.placeX(from.x)) \(drawing.placeY(from.y))\
        L\(drawing.placeX(to.x)) \(drawing.placeY(to.y))"/>
        """
      legend += "<li><span class=\"key reference\"></span>\(Names.markup(line.name))</li>"
    }
    for (place, one) in shown.enumerated() {
      content += Self.curve(one, colour: place % Self.colours, drawing)
      let faint: Markup = one.isFaint ? " faint" : ""
      legend += "<li><span class=\"key c\(place % Self.colours)\(faint)\"></span>\(Names.markup(one.name))</li>"
    }
    for mark in marks where mark.x.isFinite && mark.y.isFinite {
      content += "<circle class=\"mark\" cx=\"\(drawing.placeX(mark.x))\" cy=\"\(drawing.placeY(mark.y))\" r=\"4\"/>"
      legend += "<li><span class=\"key mark\"></span>\(Names.markup(mark.name))</li>"
    }
    let more: Markup =
      drawn.count > shown.count ? "<p class=\"note\">The first \(shown.count) of \(drawn.count).</p>" : ""
    // The title says it of a single one.
    let isSingle = shown.count == 1 && references.isEmpty && marks.isEmpty && shown[0].name == title
    let keys: Markup = isSingle ? "" : "<ul class=\"legend\">\(legend)</ul>"
    return """
      <figure><figcaption>\(Names.markup(title, most: 120))</figcaption>\(drawing.svg(title, content))\(keys)\(more)</figure>

      """
  }

  /// From the first value to the last, where a round end would leave much room.
  private static func tight(_ axis: Axis, _ values: [Double]) -> Axis {
    guard let low = values.min(), let high = values.max(), low < high else { return axis }
    return Axis(low...high)
  }

  private static func curve(_ series: Series, colour: Int, _ drawing: Drawing) -> Markup {
    let points = thinned(series.points)
    var (path, marks, isDown) = (Markup.empty, Markup.empty, false)
    for (number, point) in points.enumerated() {
      guard point.x.isFinite, point.y.isFinite else {
        isDown = false
        continue
      }
      let (x, y) = (drawing.placeX(point.x), drawing.placeY(point.y))
      path += isDown ? "L\(x) \(y)" : "M\(x) \(y)"
      // A point with no neighbours would not be seen.
      let isAlone = !isDown && (number + 1 == points.count || !points[number + 1].y.isFinite)
      if series.hasMarks || isAlone { marks += "<circle class=\"c\(colour)\" cx=\"\(x)\" cy=\"\(y)\" r=\"2.5\"/>" }
      isDown = true
    }
    let faint: Markup = series.isFaint ? " faint" : ""
    return "<path class=\"line c\(colour)\(faint)\" d=\"\(path)\"/>\(marks)"
  }

  /// At most some hundred points: of each stretch of many the first, the lowest, the highest and the last.
  package static func thinned(_ points: [(x: Double, y: Double)], most: Int = 400) -> [(x: Double, y: Double)] {
    guard points.count > most else { return points }
    let stretches = most / 4
    var kept: [(x: Double, y: Double)] = []
    for stretch in 0..<stretches {
      let range = stretch * points.count / stretches..<(stretch + 1) * points.count / stretches
      let finite = range.filter { points[$0].y.isFinite }
      var places = [range.lowerBound, range.upperBound - 1]
      if let low = finite.min(by: { points[$0].y < points[$1].y }) { places.append(low) }
      if let high = finite.max(by: { points[$0].y < points[$1].y }) { places.append(high) }
      for (number, place) in places.sorted().enumerated() where number == 0 || place != places.sorted()[number - 1] {
        kept.append(points[place])
      }
    }
    return kept
  }
}
