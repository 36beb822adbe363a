import Diagnostics

/// Several targets beside each other: the main figure of each, beside what is known without a model.
struct TargetsSection {
  let run: RunFacts

  /// Targets that have a row.
  private static let most = 500

  var markup: Markup {
    guard let best = run.best, !best.targets.isEmpty else { return .empty }
    let parts = run.measured.map {
      "\($0.part)<br/><span class=\"sub\">\(grouped($0.rows)) \($0.unit)</span>" as Markup
    }
    var table = TableMarkup(["target"] + parts + ["without a model"])
    for (place, one) in best.targets.prefix(Self.most).enumerated() {
      guard let score = one.main else { continue }
      let cells = run.measured.map { part -> Markup in
        let other = part.targets.first { $0.target == one.target }
        return other?[score: score.name].map(\.cell) ?? ""
      }
      let baseline: Markup =
        score.baseline.map { "\(score.shown($0.value))<br/><span class=\"sub\">\($0.how)</span>" } ?? ""
      let name = Names.markup(one.target ?? "")
      let link: Markup = place < run.detailed.count ? "<a href=\"#\(Self.anchor(place))\">\(name)</a>" : name
      table.add(["\(link)<br/><span class=\"sub\">\(score.name)</span>"] + cells + [baseline])
    }
    var notes = Markup.empty
    if best.targets.count > Self.most {
      notes += "<p class=\"note\">The first \(Self.most) of \(grouped(best.targets.count)) targets.</p>"
    }
    if best.targets.count > run.detailed.count {
      notes += """
        <p class="note">Of the first \(run.detailed.count) targets all is told below; of the other \
        \(grouped(best.targets.count - run.detailed.count)) only these figures: <code>lockstep evaluate \
        \(Names.brief(run.path, most: 400)) --json</code> tells the rest.</p>
        """
    }
    return "<h3>\(count(best.targets.count, "target"))</h3>\(table.markup)\(notes)"
  }

  /// Where a target's part of the page begins.
  static func anchor(_ place: Int) -> Markup { "target-\(place + 1)" }
}
