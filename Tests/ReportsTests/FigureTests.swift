import Foundation
import Testing

import Reports

/// Numbers have the digits that are known, thousands in groups.
@Suite struct FigureTests {
  @Test func digitsFollowFromTheInterval() {
    let cases: [(ReportedFigure, String, String?)] = [
      (ReportedFigure(0.80471, interval: 0.7774...0.8293), "0.805", "0.777 to 0.829"),
      (ReportedFigure(1234.5678, interval: 1200...1270), "1,235", "1,200 to 1,270"),
      (ReportedFigure(1234.5678, interval: 1234.1...1234.9), "1,234.57", "1,234.10 to 1,234.90"),
      (ReportedFigure(-0.0001, interval: -0.03...0.03), "0.000", "−0.030 to 0.030"),
      (ReportedFigure(0.9, rows: 100, isShare: true), "0.900", nil),
      (ReportedFigure(0.9016, rows: 10_000, isShare: true), "0.9016", nil),
      (ReportedFigure(0.475812), "0.4758", nil), (ReportedFigure(0), "0.000", nil), (ReportedFigure(1e20), "1e20", nil),
      (ReportedFigure(.nan), "undefined", nil), (ReportedFigure(-.infinity), "−infinite", nil),
    ]
    for (figure, text, interval) in cases {
      #expect(figure.text == text)
      #expect(figure.intervalText == interval)
    }
  }

  /// Of 717 right ones of 891: scipy.stats.binomtest(717, 891).proportion_ci(method="wilson") gives these.
  @Test func intervalOfAShareIsWilsons() throws {
    let interval = try #require(ReportedFigure.share(717.0 / 891, of: 891).interval)
    #expect(
      abs(interval.lowerBound - 0.7773992181) < 1e-6 && abs(interval.upperBound - 0.8294121836) < 1e-6, "\(interval)")
    for (share, rows) in [(0.0, 1), (1.0, 1), (0.0, 1_000_000), (1.0, 7), (0.5, 0), (.nan, 5)] {
      let figure = ReportedFigure.share(share, of: rows)
      if let interval = figure.interval {
        #expect(interval.contains(share) && interval.lowerBound >= 0 && interval.upperBound <= 1)
      }
    }
  }

  @Test func wordsForTimes() {
    let times: [(Double, String)] = [
      (0.214, "0.214 s"), (36.68, "36.7 s"), (185, "3:05 min"), (7384, "2:03:04 h"), (.nan, "unknown"), (-1, "unknown"),
    ]
    for (seconds, text) in times { #expect(durationText(seconds) == text) }
    let days: [(Double, String)] = [
      (0, "1970-01-01"), (951_782_400e6, "2000-02-29"), (-1, "1969-12-31"), (1_709_164_800e6, "2024-02-29"),
      (.nan, "no date"),
    ]
    for (microseconds, text) in days { #expect(dayText(microseconds: microseconds) == text) }
  }

  @Test func axesHaveRoundNumbers() {
    let cases: [([Double], ClosedRange<Double>, [String])] = [
      ([0.31, 0.69], 0.3...0.7, ["0.3", "0.4", "0.5", "0.6", "0.7"]),
      ([0, 97], 0...100, ["0", "20", "40", "60", "80", "100"]),
      ([1, 1], 0.9...1.1, ["0.90", "0.95", "1.00", "1.05", "1.10"]),
      ([], 0...1, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
      ([.nan, .infinity, 3, 4], 3...4, ["3.0", "3.2", "3.4", "3.6", "3.8", "4.0"]),
      ([0, 48_000], 0...50_000, ["0", "10k", "20k", "30k", "40k", "50k"]),
    ]
    for (values, range, labels) in cases {
      let axis = Axis(covering: values)
      #expect(
        abs(axis.range.lowerBound - range.lowerBound) < 1e-9 && abs(axis.range.upperBound - range.upperBound) < 1e-9)
      #expect(axis.ticks.map(axis.label) == labels)
    }
    // Of any two numbers: few ticks, all of them within.
    for low in [-1e299, -1e9, -1, 0, 1e-300, 1, 1e15] {
      for length in [1e-300, 1e-9, 1, 1e9, 1e299] {
        let axis = Axis(covering: [low, low + length])
        #expect(axis.ticks.count < 22 && axis.range.lowerBound < axis.range.upperBound, "\(low) \(length)")
      }
    }
  }
}
