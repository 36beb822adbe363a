import Diagnostics
import Files
import Lockstep

/// The page that tells what runs have come to: `lockstep report`.
///
/// ```swift
/// let report = try Report(runs: ["runs/a"])
/// try report.write(to: "runs/a/report.html")
/// ```
/// The same runs give the same bytes: it tells nothing of when, by whom and where it was made.
package struct Report {
  package let runs: [RunFacts]

  /// Reads the runs, and measures each once more, as far as its data are there.
  ///
  /// Throws a missing input (66) for a directory that is none of a run. What a run lacks is left out of the page.
  package init(runs paths: [String], measures: Bool = true) throws {
    try self.init(paths.map { try RunReader.facts(of: $0, measures: measures) })
  }

  /// Of what is known already.
  package init(_ runs: [RunFacts]) throws {
    guard !runs.isEmpty else { throw Failure(.usage, "expected a run, found none", cure: "name its directory") }
    self.runs = runs
  }

  /// The text of the file.
  package var html: String { (runs.count == 1 ? single(runs[0]) : several).html }

  /// Overwrites a file.
  package func write(to path: String) throws { try html.write(toRunFile: path) }

  private func single(_ run: RunFacts) -> Page {
    let state: Markup =
      run.isFinished ? "" : "<p class=\"warning\">This run is \(run.stateText). The page tells of it as it is now.</p>"
    let lead: Markup = """
      <h1>\(Names.markup(run.name, most: 80))</h1>
      <p class="headline">\(headline(run))</p>
      \(state)\(Warnings(notes: run.notes).markup)\(Answers(run: run).markup)
      """
    let isOfSeveral = !run.detailed.isEmpty
    let scores = isOfSeveral ? TargetsSection(run: run).markup + ScoresSection(run: run).markup : .empty
    let own =
      isOfSeveral
      ? [Page.Section("scores", "Scores", scores)]
        + run.detailed.enumerated().map { place, target in self.target(target, place, run) } : Self.judged(run)
    return Page(
      title: "\(run.name): report", lead: lead,
      sections: own + [
        Page.Section("quantisation", "In 8 bits", QuantisationSection(quantisation: run.quantisation).markup),
        Page.Section("shrinking", "Cut", ShrinkingSection(shrinking: run.shrinking).markup),
        Page.Section("distillation", "Student and teacher", DistillationSection(distilled: run.distilled).markup),
        Page.Section("pruning", "Pruned weights", PruningSection(slots: run.pruned).markup),
        Page.Section("training", "Training", CurvesSection(runs: [run]).markup),
        Page.Section("data", "Data", DataSection(run: run).markup),
        Page.Section("time", "Time and hosts", TimeSection(run: run).markup),
        Page.Section("receipt", "Receipt", ReceiptSection(run: run).markup),
        Page.Section("configuration", "Configuration", SettingsSection(run: run).markup),
      ])
  }

  /// What is told of how well a target is predicted.
  private static func judged(_ run: RunFacts) -> [Page.Section] {
    [
      Page.Section("scores", "Scores", ScoresSection(run: run).markup),
      Page.Section("classes", "Classes", ClassesSection(run: run).markup),
      Page.Section("thresholds", "Thresholds", ThresholdSection(run: run).markup),
      Page.Section("slices", "Slices", SlicesSection(run: run).slices),
      Page.Section("columns", "Columns that matter", SlicesSection(run: run).importance),
      Page.Section("rows", "Worst and best rows", ExamplesSection(run: run).markup),
    ]
  }

  /// The same of one of several targets, as a section of its own.
  private func target(_ target: Measurement, _ place: Int, _ run: RunFacts) -> Page.Section {
    let anchor = TargetsSection.anchor(place)
    let parts = Self.judged(run.about(target.target)).filter { !$0.content.isEmpty }
    let links = parts.map { "<a href=\"#\(anchor)-\($0.anchor)\">\($0.title)</a>" as Markup }
    let bodies = parts.map { part -> Markup in
      "<div id=\"\(anchor)-\(part.anchor)\"><h3 class=\"part\">\(part.title)</h3>\n\(part.content)</div>\n"
    }
    return Page.Section(
      anchor, Names.brief(target.target ?? "a target", most: 60),
      "<p class=\"parts\">\(links.joined(by: " "))</p>\n\(bodies.joined())")
  }

  private func headline(_ run: RunFacts) -> Markup {
    let done = "\(run.stateText)"
    guard let record = run.record else { return "A run without a whole checkpoint, \(done)." }
    let learnt = record.parameters > 0 ? " of \(grouped(record.parameters)) learnt numbers" : ""
    let classes: Markup = record.classes.map { $0.count > 1 ? " among \(Names.list($0, first: 5))" : "" } ?? ""
    if run.isText, let tokens = record.classes?.count {
      return "A network\(learnt) that predicts the next of \(grouped(tokens)) tokens; \(done)."
    }
    let what: Markup = record.classes != nil && run.targets.isEmpty ? "the class of a sample" : run.target
    return "A network\(learnt) that predicts \(what)\(classes); \(done)."
  }

  private var several: Page {
    let comparison = Comparison(runs: runs)
    let lead: Markup = "<h1>\(count(runs.count, "run"))</h1>\n\(comparison.list)"
    return Page(
      title: "\(count(runs.count, "run")): report", lead: lead,
      sections: [
        Page.Section("scores", "Scores side by side", comparison.scores),
        Page.Section("differences", "What differs in their configurations", comparison.differences),
        Page.Section("training", "Training", CurvesSection(runs: runs).markup),
      ])
  }
}
