import Foundation
import Testing

import Reports

/// Charts are well-formed SVG of a bounded size, whatever the numbers and names are.
@Suite struct ChartTests {
  private static let ugly: [[Double]] = [
    [], [.nan], [.nan, .infinity, -.infinity], [1], [1, 1, 1], [0, 1e299, -1e299], [1e-300, 2e-300],
    [1, .nan, 2, .nan],
    (0..<100_000).map { Double($0 % 97) },
  ]

  @Test func lines() {
    for values in Self.ugly {
      for name in MarkupTests.uglyNames {
        let points = values.enumerated().map { (x: Double($0.offset), y: $0.element) }
        var chart = LineChart(name, [LineChart.Series(name, points), LineChart.Series("b", points.reversed())])
        (chart.xName, chart.yName, chart.marks) = (name, name, [(name, 0, 1)])
        let figure = chart.figure
        #expect(faultOf(figure) == nil)
        #expect(figure.text.utf8.count < 60_000)
        #expect(figure.isEmpty == !values.contains { $0.isFinite })
        #expect(!figure.text.contains("nan") && !figure.text.contains("inf"))
        if values.count > 1000 { break }
      }
    }
  }

  @Test func aThinnedCurveKeepsItsEndsAndExtremes() {
    var points = (0..<10_000).map { (x: Double($0), y: 0.5) }
    (points[5000].y, points[7001].y) = (9, -9)
    let thinned = LineChart.thinned(points)
    #expect(thinned.count <= 400 && thinned.first?.x == 0 && thinned.last?.x == 9999)
    #expect(thinned.contains { $0.y == 9 } && thinned.contains { $0.y == -9 })
    #expect(zip(thinned, thinned.dropFirst()).allSatisfy { $0.x < $1.x })
  }

  @Test func barsHeatMapsAndPoints() {
    for name in MarkupTests.uglyNames {
      let bars = [
        BarChart.Bar(name, ReportedFigure(0.5, interval: 0.4...0.7), note: name),
        BarChart.Bar("b", ReportedFigure(.nan)),
        BarChart.Bar("c", ReportedFigure(-3)),
      ]
      #expect(faultOf(BarChart(name, bars, reference: (name, 0.6)).figure) == nil)
      for classes in [2, 5, 12, 13, 40] {
        let counts = (0..<classes * classes).map { Double($0 % 7 * 1000) }
        let map = HeatMap(name, classes: (0..<classes).map { "\(name)\($0)" }, counts: counts).figure
        #expect(faultOf(map) == nil && !map.isEmpty)
      }
      #expect(faultOf(ScatterChart(name, [(1, 2), (.nan, 3)]).figure) == nil)
    }
    #expect(BarChart("none", []).figure.isEmpty && ScatterChart("none", []).figure.isEmpty)
    #expect(
      HeatMap("many", classes: (0..<41).map { "\($0)" }, counts: .init(repeating: 1, count: 41 * 41)).figure.isEmpty)
    let many = ScatterChart("many", (0..<100_000).map { (Double($0), Double($0)) }).figure
    #expect(many.text.utf8.count < 80_000 && many.text.contains("One row of 100."))
  }

  /// Areas are shares: of bins of widths 1 and 3 with as many values, the wider one is a third as high.
  @Test func histograms() {
    let spark = Histogram(bounds: [0, 1, 4], shares: [0.5, 0.5]).spark("h", width: 40, height: 31)
    #expect(spark.text.contains("M0 31V1H10V31z") && spark.text.contains("M10 31V21H40V31z"), "\(spark.text)")
    for bounds in [[0.0, 0, 0], [1, 1, 2], [1, 2, 2], [-1e299, 0, 1e299], [.nan, 1, 2]] {
      #expect(faultOf(Histogram(bounds: bounds, shares: [0.5, 0.5]).spark("h")) == nil)
    }
    #expect(faultOf(Histogram.words("w", shares: (0..<101).map { 1 / Double($0 + 1) })) == nil)
    #expect(Histogram.words("w", shares: [0, 0]).isEmpty)
  }
}
