/// How values are distributed: an area for each bin, whose width may differ.
package struct Histogram: Sendable {
  /// The ends of the bins, one more than there are bins, ascending.
  package var bounds: [Double]
  /// The share of values in each bin.
  package var shares: [Double]

  package init(bounds: [Double], shares: [Double]) {
    precondition(bounds.count == shares.count + 1, "expected a bound more than shares")
    (self.bounds, self.shares) = (bounds, shares)
  }

  /// Of all, bins of no width added to the next one, with shares over width: heights whose areas are shares.
  private var densities: [(from: Double, to: Double, height: Double, share: Double)] {
    let whole = (bounds.last ?? 0) - (bounds.first ?? 0)
    guard whole > 0, whole.isFinite else { return [] }
    var bins: [(Double, Double, Double, Double)] = []
    var carried = 0.0
    for place in shares.indices {
      let share = max(0, shares[place]) + carried
      // Values that many rows have in common would be a needle without end: they get a fiftieth of the width at least.
      let width = bounds[place + 1] - bounds[place]
      if width <= 0 {
        carried = share
        continue
      }
      bins.append((bounds[place], bounds[place + 1], share / max(width, whole / 50), share))
      carried = 0
    }
    if carried > 0, let last = bins.popLast() {
      bins.append((last.0, last.1, (last.3 + carried) / max(last.1 - last.0, whole / 50), last.3 + carried))
    }
    return bins
  }

  /// A small picture for a row of a table, `title` its words.
  package func spark(_ title: String, width: Double = 120, height: Double = 28) -> Markup {
    let bins = densities
    guard let first = bounds.first, let last = bounds.last, let highest = bins.map(\.height).max(), highest > 0 else {
      return .empty
    }
    var path = Markup.empty
    for bin in bins {
      let (from, to) = ((bin.from - first) / (last - first) * width, (bin.to - first) / (last - first) * width)
      let tall = max(bin.share > 0 ? 1 : 0, bin.height / highest * (height - 1))
      path += "M\(from) \(height)V\(height - tall)H\(max(to, from + 0.5))V\(height)z"
    }
    return Self.spark(title, width, height, "<path class=\"bar\" d=\"\(path)\"/>")
  }

  /// Bars of one width for the shares of words.
  package static func words(_ title: String, shares: [Double], width: Double = 120, height: Double = 28) -> Markup {
    let shown = shares.filter { $0 > 0 }.sorted(by: >).prefix(30)
    guard let highest = shown.first else { return .empty }
    let step = min(14, width / Double(shown.count))
    var path = Markup.empty
    for (place, share) in shown.enumerated() {
      let (from, tall) = (Double(place) * step, max(1, share / highest * (height - 1)))
      path += "M\(from) \(height)V\(height - tall)H\(from + max(step - 1, 0.6))V\(height)z"
    }
    return spark(title, width, height, "<path class=\"bar\" d=\"\(path)\"/>")
  }

  private static func spark(_ title: String, _ width: Double, _ height: Double, _ content: Markup) -> Markup {
    """
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(width) \(height)" width="\(width)" height="\(height)" \
    role="img" class="spark"><title>\(Names.brief(title, most: 120))</title>\(content)</svg>
    """
  }
}
