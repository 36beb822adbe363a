/// A drawing with a left and a lower axis: what charts have in common.
///
/// Units are those of the drawing, about a pixel of a phone: 360 wide, so that its text is as large there as on a screen.
package struct Drawing: Sendable {
  static let textSize = 11.0
  static let width = 360.0

  let height: Double
  let x: Axis
  let y: Axis
  /// Where the values are drawn.
  let left: Double
  let top: Double
  let right: Double
  let bottom: Double

  /// - Parameters:
  ///   - xName, yName: what the axes tell, with units.
  init(_ x: Axis, _ y: Axis, height: Double = 230, xName: String = "", yName: String = "") {
    (self.x, self.y, self.height) = (x, y, height)
    let widest = y.ticks.map { Names.width(of: y.label($0)) }.max() ?? 0
    left = min(90, widest + 10)
    right = Self.width - 12
    top = yName.isEmpty ? 10 : 24
    bottom = height - (xName.isEmpty ? 20 : 36)
    (self.xName, self.yName) = (xName, yName)
  }

  private let xName: String
  private let yName: String

  func placeX(_ value: Double) -> Double { left + x.place(value) * (right - left) }
  func placeY(_ value: Double) -> Double { bottom - y.place(value) * (bottom - top) }

  /// Lines, numbers and names.
  private var axes: Markup {
    var marks = Markup.empty
    for tick in y.ticks {
      let place = placeY(tick)
      marks += "<path class=\"grid\" d=\"M\(left) \(place)H\(right)\"/>"
      marks += "<text x=\"\(left - 5)\" y=\"\(place + 4)\" text-anchor=\"end\">\(y.label(tick))</text>"
    }
    var reached = -Double.infinity
    for tick in x.ticks {
      let (place, label) = (placeX(tick), x.label(tick))
      let half = Names.width(of: label) / 2
      let middle = min(max(place, half), Self.width - half - 1)
      guard middle - half > reached else { continue }
      reached = middle + half + 6
      marks += "<path class=\"axis\" d=\"M\(place) \(bottom)v3\"/>"
      marks += "<text x=\"\(middle)\" y=\"\(bottom + 15)\" text-anchor=\"middle\">\(label)</text>"
    }
    marks += "<path class=\"axis\" d=\"M\(left) \(bottom)H\(right)\"/>"
    if !yName.isEmpty { marks += "<text x=\"2\" y=\"12\">\(Names.fitting(yName, width: Self.width - 8))</text>" }
    if !xName.isEmpty {
      let name = Names.fitting(xName, width: right - left)
      marks += "<text x=\"\(right)\" y=\"\(height - 4)\" text-anchor=\"end\">\(name)</text>"
    }
    return marks
  }

  /// The whole picture; `title` is what somebody hears who cannot see it. What lies beside the axes is cut off.
  func svg(_ title: String, _ content: Markup) -> Markup {
    // Marks at the ends are seen whole.
    let (x, y, width, tall) = (left - 4, top - 4, right - left + 8, bottom - top + 8)
    let inner: Markup = """
      <svg x="\(x)" y="\(y)" width="\(width)" height="\(tall)" viewBox="\(x) \(y) \(width) \(tall)">\(content)</svg>
      """
    return Self.svg(title, height: height, axes + inner)
  }

  static func svg(_ title: String, width: Double = Drawing.width, height: Double, _ content: Markup) -> Markup {
    """
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(width) \(height)" role="img" class="chart">\
    <title>\(Names.brief(title, most: 120))</title>\(content)</svg>
    """
  }
}
