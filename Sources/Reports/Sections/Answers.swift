import Diagnostics

/// The answers that somebody opens a page for, each in a line, with the section that tells more.
struct Answers {
  let run: RunFacts
  /// What the anchors of a target's sections begin with, where it is one of several.
  private var prefix: Markup = ""

  init(run: RunFacts) { self.run = run }

  private init(run: RunFacts, _ prefix: Markup) { (self.run, self.prefix) = (run, prefix) }

  /// The score of numbers that is told first: it has the target's unit.
  private static let error = "mean absolute error"
  /// Of several targets those whose main figure is told, and those of which an answer tells more.
  private static let mostFigures = 8
  private static let mostTargets = 3

  var markup: Markup {
    var list = Markup.empty
    func add(_ question: Markup, _ answer: Answer?, _ more: Markup = "more") {
      guard let answer else { return }
      let link: Markup = answer.anchor.isEmpty ? "" : " <a href=\"#\(answer.anchor)\">\(more)</a>"
      list += "<dt>\(question)</dt><dd>\(answer.text)\(link)</dd>\n"
    }
    let targets = run.detailed
    if targets.isEmpty {
      add("How good?", howGood)
      add("Compared with what?", comparedWith)
      add("For whom worse?", forWhom)
      add("Which columns matter?", matter)
      add("At which threshold?", threshold)
    } else {
      add("How good, compared with what?", figures)
      add("For whom worse?", each(\.forWhom))
      add("Which columns matter?", each(\.matter))
      add("At which threshold?", each(\.threshold))
    }
    add("On which data?", (data, run.data == nil ? "configuration" : "data"))
    add("Can I recompute it?", (recompute, "receipt"))
    return "<dl class=\"answers\">\(list)</dl>\n"
  }

  private typealias Answer = (text: Markup, anchor: Markup)

  /// Of several targets the main figure of each.
  private var figures: Answer? {
    guard let best = run.best else { return nil }
    let lines = best.targets.prefix(Self.mostFigures).map { one -> Markup in
      guard let score = one.main else { return "\(Names.markup(one.target ?? "")): not measured<br/>" }
      let interval: Markup = score.shownInterval.map { " (\($0))" } ?? ""
      let baseline: Markup = score.baseline.map { ", \(score.shown($0.value)) without a model" } ?? ""
      return "\(Names.markup(one.target ?? "")): \(score.name) <b>\(score.shown)</b>\(interval)\(baseline)<br/>"
    }
    let more: Markup =
      best.targets.count > lines.count ? "… and \(grouped(best.targets.count - lines.count)) targets more." : ""
    return ("\(lines.joined())\(more)", "scores")
  }

  /// The same answer of the first of several targets, a line each.
  private func each(_ answer: (Answers) -> Answer?) -> Answer? {
    let lines = run.detailed.prefix(Self.mostTargets).enumerated().compactMap { place, target -> Markup? in
      let prefix: Markup = "\(TargetsSection.anchor(place))-"
      guard let own = answer(Answers(run: run.about(target.target), prefix)) else { return nil }
      let link: Markup = own.anchor.isEmpty ? "" : " <a href=\"#\(own.anchor)\">more</a>"
      return "<i>\(Names.markup(target.target ?? ""))</i>: \(own.text)\(link)<br/>"
    }
    guard !lines.isEmpty else { return nil }
    let others = (run.best?.targets.count ?? 0) - Self.mostTargets
    let more: Markup = others > 0 ? "… and \(grouped(others)) targets more: see each of them." : ""
    return ("\(lines.joined())\(more)", "")
  }

  private func anchor(_ section: Markup, where isThere: Bool = true) -> Markup {
    isThere ? "\(prefix)\(section)" : ""
  }

  private var howGood: Answer? { (good, anchor("scores", where: run.best != nil)) }
  private var comparedWith: Answer? { (compared, anchor("scores", where: run.best != nil)) }

  private var forWhom: Answer? {
    let slice = worstSlice
    if let worse { return (worse + (slice ?? ""), anchor(slice == nil ? "classes" : "slices")) }
    return slice.map { ($0, anchor("slices")) }
  }

  private var matter: Answer? {
    let isMeasured = !(run.best?.importance.isEmpty ?? true)
    guard run.data != nil || isMeasured else { return nil }
    return (mattering, anchor("columns", where: isMeasured))
  }

  private var threshold: Answer? {
    thresholds.map { ($0, anchor("thresholds", where: !(run.best?.curves.isEmpty ?? true))) }
  }

  private var good: Markup {
    guard let best = run.best, let score = best.headline else {
      return "Not known: \(run.unmeasured ?? "nothing was measured")."
    }
    let rows = RunFacts.rows(best)
    if let error = best[score: Self.error], best.numbers != nil {
      let other: Markup = score.name == Self.error ? "" : "; \(score.name) \(score.shown)"
      return "Off by <b>\(error.shown)</b> on average, in the unit of \(run.target), on \(rows)\(other)."
    }
    let interval: Markup = score.shownInterval.map { " (95 % interval \($0))" } ?? ""
    // Where decisions have costs, those are what they are made by.
    if let cost = best[score: "cost"] {
      let range: Markup = cost.shownInterval.map { " (95 % interval \($0))" } ?? ""
      return """
        A row costs <b>\(cost.shown)</b>\(range) by its decisions, on \(rows); \(score.name) \(score.shown)\(interval).
        """
    }
    return score.name == "accuracy"
      ? "<b>\(score.shown)</b> of \(rows) are predicted right\(interval)."
      : "<b>\(score.name) \(score.shown)</b> on \(rows)\(interval)."
  }

  private var compared: Markup {
    guard let best = run.best, let headline = best.headline else { return "Nothing was measured." }
    if let cost = best[score: "cost"], let baseline = cost.baseline {
      return """
        <b>\(cost.shown(baseline.value))</b> where all rows are decided alike, the cheaper way, on the same \(RunFacts.rows(best)).
        """
    }
    let score = best.numbers == nil ? headline : best[score: Self.error] ?? headline
    guard let baseline = score.baseline else { return "No baseline is known for \(score.name)." }
    return """
      <b>\(score.name == "accuracy" || score.name == Self.error ? "" : "\(score.name) ")\(score.shown(baseline.value))</b> by \
      guessing \(baseline.how), on the same \(RunFacts.rows(best)).
      """
  }

  /// The class that is recognised least often, or the output with the lowest score.
  private var worse: Markup? {
    guard let facts = run.best?.classes else { return nil }
    let present = facts.names.indices.filter { facts.support(of: $0) > 0 }
    let recalls = present.map { (place: $0, recall: facts.recall(of: $0), support: facts.support(of: $0)) }
    guard recalls.count > 1,
      let worst = recalls.min(by: { ($0.recall, $0.place) < ($1.recall, $1.place) }),
      let best = recalls.max(by: { ($0.recall, $1.place) < ($1.recall, $0.place) })
    else { return nil }
    let (low, high) = (
      ReportedFigure.share(worst.recall, of: ClassFacts.rows(worst.support)),
      ReportedFigure.share(best.recall, of: ClassFacts.rows(best.support))
    )
    func amount(_ weight: Double) -> Markup {
      facts.isWeighted ? "a weight of \(ClassFacts.amount(weight))" : "\(ClassFacts.amount(weight))"
    }
    let rows: Markup = facts.isWeighted ? "rows, by weight," : "\(ClassFacts.amount(worst.support)) rows"
    return """
      \(Names.markup(facts.names[worst.place])): <b>\(low.percent)</b> of its \(rows) are \
      recognised; best is \(Names.markup(facts.names[best.place])) with \(high.percent) of \
      \(amount(best.support)).
      """
  }

  /// The slice of enough rows whose first score is worst.
  private var worstSlice: Markup? {
    guard let best = run.best else { return nil }
    let sign = best.numbers == nil ? 1.0 : -1.0
    var worst: (column: String, slice: SliceTable.Slice, score: Measurement.Score)?
    for table in best.slices {
      for slice in table.slices where !slice.isSmall {
        guard let score = slice.scores.first, score.reason == nil else { continue }
        if let known = worst, sign * score.figure.value >= sign * known.score.figure.value { continue }
        worst = (table.column, slice, score)
      }
    }
    guard let (column, slice, score) = worst else { return nil }
    return """
       Of \(grouped(slice.rows)) rows where \(Names.markup(column)) is \(Names.markup(slice.value)), \(score.name) is \
      <b>\(score.shown)</b>\(score.shownInterval.map { " (\($0))" } ?? "").
      """
  }

  private var thresholds: Markup? {
    guard let best = run.best, let facts = best.classes else { return nil }
    if let chosen = best.threshold, let one = best.curves.first {
      return
        "\(Names.markup(one.name)) from a probability of <b>\(ReportedFigure.short(chosen.value))</b> on, \(chosen.how)."
    }
    return facts.names.count == 2
      ? "The more probable class is taken: a threshold of 0.5."
      : "The most probable of \(grouped(facts.names.count)) classes is taken."
  }

  /// The columns that cost most where they are shuffled, as far as that is no chance.
  private var mattering: Markup {
    guard let best = run.best, !best.importance.isEmpty else {
      return "Not measured for this page: <code>lockstep evaluate \(run.path) --importance</code> tells."
    }
    let sure = best.importance.filter { ($0.figure.interval?.lowerBound ?? $0.figure.value) > 0 }
    guard !sure.isEmpty else { return "None for sure: shuffling any of them costs no more than chance." }
    let first = sure.prefix(3).map { "\(Names.markup($0.column)) (\($0.figure.text))" as Markup }
    let others = best.importance.count - sure.count
    let rest: Markup = others > 0 ? " Of \(count(others, "column")) it cannot be told whether it matters." : ""
    return "<b>\(first.joined(by: ", "))</b>: what \(best.importanceOf) loses where a column is shuffled.\(rest)"
  }

  private var data: Markup {
    guard let data = run.data else {
      let kind = run.settings.first { $0.path.hasPrefix("data") }?.path.split(separator: ".").dropFirst().first
      return kind.map { "Data of the kind \(String($0)), with the paths that the configuration names." } ?? "Not known."
    }
    let files = data.sources.map { String($0.split(separator: " ").dropLast().joined(separator: " ")) }
    let parts = data.rows.filter { $0.count > 0 }.map { "\($0.part) \(grouped($0.count))" }.joined(separator: ", ")
    let read: Markup = data.aside.map { "\(grouped($0.read)) rows" } ?? "rows"
    let from: Markup = files.isEmpty ? "" : " of \(Names.list(files, first: 3))"
    let split: Markup = parts.isEmpty ? "" : ": \(parts)"
    let leaks: Markup = data.leaks.isEmpty ? "" : " <b>\(count(data.leaks.count, "possible leak"))</b>."
    return "\(read)\(from)\(split).\(leaks)"
  }

  private var recompute: Markup {
    guard run.receipt != nil else { return "Not yet: a run leaves its receipt when it has come to its end." }
    // One that was chosen before receipts told of it, or one of which a process ended before it was told.
    let isTold = run.receipt?.links.contains { $0.name == "decision" } ?? false
    let isDecided = !isTold && run.measured.contains { $0.threshold != nil || $0.fitted != nil }
    let all: Markup = isDecided ? "all but calibration and threshold" : "everything"
    return "Yes: <code>lockstep verify \(run.path) --from raw</code> computes \(all) again and compares."
  }
}
