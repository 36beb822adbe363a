/// A point of a curve of thresholds.
public struct CurvePoint: Codable, Equatable, Sendable {
  public let x: Double
  public let y: Double
  /// The score from which on rows are predicted to be positive; nil where none are.
  public let threshold: Double?

  public init(x: Double, y: Double, threshold: Double?) { (self.x, self.y, self.threshold) = (x, y, threshold) }
}

extension [CurvePoint] {
  /// Points that a chart shows of a curve, at most.
  public static var usualMost: Int { 200 }

  /// Those without which the curve would look the same: the ends, and again and again the point that is furthest from the
  /// line that was drawn without it, so that corners stay (Ramer 1972; Douglas, Peucker 1973).
  ///
  /// Points that leave the line alone are dropped before `most` is reached. Of equal distances the first point is taken.
  package func thinned(to most: Int = usualMost) -> [CurvePoint] {
    guard count > 2, most > 2 else { return self }
    var kept: Set<Int> = [0, count - 1]
    var open = [gap(0, count - 1)].compactMap(\.self)
    while kept.count < most, let best = open.indices.max(by: { isBefore(open[$0], open[$1]) }) {
      let gap = open.remove(at: best)
      kept.insert(gap.place)
      open += [self.gap(gap.first, gap.place), self.gap(gap.place, gap.last)].compactMap(\.self)
    }
    return kept.sorted().map { self[$0] }
  }

  private typealias Gap = (first: Int, last: Int, place: Int, distance: Double)

  private func isBefore(_ a: Gap, _ b: Gap) -> Bool {
    a.distance == b.distance ? a.first > b.first : a.distance < b.distance
  }

  /// Between two points the one that is furthest from the line through them; nil where all lie on it.
  private func gap(_ first: Int, _ last: Int) -> Gap? {
    guard last - first > 1 else { return nil }
    let (a, b) = (self[first], self[last])
    let (dx, dy) = (b.x - a.x, b.y - a.y)
    let length = Swift.max((dx * dx + dy * dy).squareRoot(), Double.leastNormalMagnitude)
    var found: Gap = (first, last, first, 0)
    for place in first + 1..<last {
      let point = self[place]
      let distance =
        dx == 0 && dy == 0
        ? ((point.x - a.x) * (point.x - a.x) + (point.y - a.y) * (point.y - a.y)).squareRoot()
        : abs(dy * (point.x - a.x) - dx * (point.y - a.y)) / length
      if distance > found.distance { (found.place, found.distance) = (place, distance) }
    }
    return found.distance > 1e-9 ? found : nil
  }
}
