/// Bars beside names, each with its number and, where there is one, its interval: importance of columns, figures of slices.
package struct BarChart: Sendable {
  package struct Bar: Sendable {
    package var name: String
    package var figure: ReportedFigure
    /// What stands behind the number: `n 120`.
    package var note: String
    package init(_ name: String, _ figure: ReportedFigure, note: String = "") {
      (self.name, self.figure, self.note) = (name, figure, note)
    }
  }

  package var title: String
  package var bars: [Bar]
  /// A value that all are compared with, and what it is: the figure of all rows.
  package var reference: (name: String, value: Double)?
  /// Bars that are drawn, at most; what is left out is told.
  package var most = 25

  package init(_ title: String, _ bars: [Bar], reference: (name: String, value: Double)? = nil) {
    (self.title, self.bars, self.reference) = (title, bars, reference)
  }

  private static let row = 24.0
  private static let names = 118.0

  package var figure: Markup {
    let shown = bars.filter { $0.figure.value.isFinite }.prefix(most)
    guard !shown.isEmpty else { return .empty }
    let ends = shown.flatMap { bar -> [Double] in
      [bar.figure.value, bar.figure.interval?.lowerBound ?? 0, bar.figure.interval?.upperBound ?? 0]
    }
    let axis = Axis(covering: ends + [reference?.value ?? 0], withZero: true, ticks: 4)
    let numbers = shown.map { Names.width(of: Self.number($0)) }.max() ?? 0
    let (left, right) = (Self.names, Drawing.width - min(numbers, 130) - 6)
    let height = Double(shown.count) * Self.row + 20
    func place(_ value: Double) -> Double { left + axis.place(value) * (right - left) }
    var content = Markup.empty
    var reached = -Double.infinity
    for tick in axis.ticks {
      content += "<path class=\"grid\" d=\"M\(place(tick)) 0V\(height - 18)\"/>"
      // No number above the one before.
      let half = Names.width(of: axis.label(tick)) / 2
      guard place(tick) - half > reached else { continue }
      reached = place(tick) + half + 4
      content += "<text x=\"\(place(tick))\" y=\"\(height - 5)\" text-anchor=\"middle\">\(axis.label(tick))</text>"
    }
    for (number, bar) in shown.enumerated() {
      let y = Double(number) * Self.row
      let (from, to) = (min(place(0), place(bar.figure.value)), max(place(0), place(bar.figure.value)))
      let name = Names.fitting(bar.name, width: left - 8)
      content += "<text x=\"\(left - 6)\" y=\"\(y + 16)\" text-anchor=\"end\">\(name)</text>"
      content += "<rect class=\"bar\" x=\"\(from)\" y=\"\(y + 5)\" width=\"\(to - from)\" height=\"14\"/>"
      if let interval = bar.figure.interval {
        let (low, high) = (place(interval.lowerBound), place(interval.upperBound))
        content += "<path class=\"whisker\" d=\"M\(low) \(y + 12)H\(high)M\(low) \(y + 8)v8M\(high) \(y + 8)v8\"/>"
      }
      content += "<text x=\"\(right + 6)\" y=\"\(y + 16)\">\(Self.number(bar))</text>"
    }
    var legend = Markup.empty
    if let reference {
      content += "<path class=\"reference\" d=\"M\(place(reference.value)) 0V\(height - 18)\"/>"
      legend = "<ul class=\"legend\"><li><span class=\"key reference\"></span>\(Names.markup(reference.name))</li></ul>"
    }
    let more: Markup = bars.count > shown.count ? "<p class=\"note\">\(shown.count) of \(bars.count).</p>" : ""
    let svg = Drawing.svg(title, height: height, content)
    return "<figure><figcaption>\(Names.markup(title, most: 120))</figcaption>\(svg)\(legend)\(more)</figure>\n"
  }

  private static func number(_ bar: Bar) -> String {
    bar.figure.text + (bar.note.isEmpty ? "" : " \(Names.brief(bar.note, most: 16))")
  }
}
