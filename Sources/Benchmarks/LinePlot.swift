import Foundation
import Lockstep

/// Lines with whiskers on two axes, as SVG that needs no fonts or scripts of its own.
struct LinePlot {
  struct Point {
    let x: Double
    let y: Double
    /// The range of the rounds.
    let low: Double
    let high: Double
  }

  struct Series {
    let name: String
    let points: [Point]
    /// Dashed, without marks: what is compared with.
    var isReference = false
  }

  enum Scale {
    case linear
    /// Powers of two are equally far apart.
    case logarithmic
  }

  let title: String
  let xLabel: String
  let yLabel: String
  var xScale = Scale.linear
  /// Values of x that get a mark and a text.
  let xTicks: [(value: Double, text: String)]
  let series: [Series]

  private static let (width, height) = (760.0, 440.0)
  private static let (left, right, top, bottom) = (70.0, 560.0, 50.0, 380.0)
  /// Okabe and Ito's colours, which the colour-blind can tell apart.
  private static let colours = [
    "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000",
  ]

  var svg: String {
    var lines = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(number(Self.width)) \(number(Self.height))\" "
        + "font-family=\"sans-serif\" font-size=\"13\">",
      "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>",
      text(title, Self.left, 28, size: 16),
      text(xLabel, (Self.left + Self.right) / 2, Self.bottom + 42, anchor: "middle"),
      text(yLabel, Self.left, Self.top - 6),
    ]
    lines += grid
    for (place, one) in series.enumerated() { lines += draw(one, Self.colours[place % Self.colours.count], place) }
    return lines.joined(separator: "\n") + "\n</svg>\n"
  }

  // MARK: - Axes

  private var points: [Point] { series.flatMap(\.points) }
  private var yTop: Double { Self.niceStep(yMaximum) * (yMaximum / Self.niceStep(yMaximum)).rounded(.up) }
  private var yMaximum: Double { max(points.map { max($0.y, $0.high) }.max() ?? 1, 1e-9) }

  /// A step of 1, 2 or 5 times a power of ten, of which about five fit.
  static func niceStep(_ maximum: Double) -> Double {
    let power = pow(10, (log10(maximum / 5)).rounded(.down))
    return [1, 2, 5, 10].map { $0 * power }.first { maximum / $0 <= 6 }!
  }

  private func x(_ value: Double) -> Double {
    let all = points.map(\.x) + xTicks.map(\.value)
    let place: (Double) -> Double = { xScale == .linear ? $0 : log2($0) }
    let low = xScale == .linear ? 0 : place(all.min() ?? 1)
    let high = place(all.max() ?? 1)
    return Self.left + (high > low ? (place(value) - low) / (high - low) : 0.5) * (Self.right - Self.left)
  }

  private func y(_ value: Double) -> Double { Self.bottom - value / yTop * (Self.bottom - Self.top) }

  private var grid: [String] {
    let step = Self.niceStep(yMaximum)
    let horizontal = stride(from: 0, through: yTop * 1.0001, by: step).flatMap { value in
      [
        line(Self.left, y(value), Self.right, y(value), "#dddddd"),
        text(tick(value, step), Self.left - 8, y(value) + 4, anchor: "end"),
      ]
    }
    let vertical = xTicks.flatMap { tick in
      [
        line(x(tick.value), Self.bottom, x(tick.value), Self.bottom + 5, "#666666"),
        text(tick.text, x(tick.value), Self.bottom + 20, anchor: "middle"),
      ]
    }
    return horizontal + vertical + [line(Self.left, Self.bottom, Self.right, Self.bottom, "#666666")]
  }

  private func tick(_ value: Double, _ step: Double) -> String {
    step >= 1 ? grouped(Int(value.rounded())) : fixed(value, max(0, Int((-log10(step)).rounded(.up))))
  }

  // MARK: - Lines

  private func draw(_ series: Series, _ colour: String, _ place: Int) -> [String] {
    let colour = series.isReference ? "#888888" : colour
    let dash = series.isReference ? " stroke-dasharray=\"6 4\"" : ""
    let path = series.points.map { "\(number(x($0.x))),\(number(y($0.y)))" }.joined(separator: " ")
    var lines = ["<polyline points=\"\(path)\" fill=\"none\" stroke=\"\(colour)\" stroke-width=\"2\"\(dash)/>"]
    if !series.isReference {
      for point in series.points {
        lines.append(line(x(point.x), y(point.low), x(point.x), y(point.high), colour))
        lines.append(
          "<circle cx=\"\(number(x(point.x)))\" cy=\"\(number(y(point.y)))\" r=\"4\" fill=\"\(colour)\"/>")
      }
    }
    let height = Self.top + 10 + 20 * Double(place)
    lines.append(
      "<line x1=\"\(number(Self.right + 16))\" y1=\"\(number(height))\" x2=\"\(number(Self.right + 40))\" "
        + "y2=\"\(number(height))\" stroke=\"\(colour)\" stroke-width=\"2\"\(dash)/>")
    lines.append(text(series.name, Self.right + 46, height + 4))
    return lines
  }

  private func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ colour: String) -> String {
    "<line x1=\"\(number(x1))\" y1=\"\(number(y1))\" x2=\"\(number(x2))\" y2=\"\(number(y2))\" stroke=\"\(colour)\"/>"
  }

  private func text(_ text: String, _ x: Double, _ y: Double, anchor: String = "start", size: Int? = nil) -> String {
    let size = size.map { " font-size=\"\($0)\"" } ?? ""
    return "<text x=\"\(number(x))\" y=\"\(number(y))\" text-anchor=\"\(anchor)\"\(size)>\(escaped(text))</text>"
  }

  private func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
  }

  private func number(_ value: Double) -> String { fixed(value, 1) }
}
