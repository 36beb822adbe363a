import Diagnostics
import Foundation

/// Several runs side by side: their figures in columns, and what differs in how they were made.
struct Comparison {
  let runs: [RunFacts]

  /// Runs that have a column, and settings that have a row, at most.
  static let mostRuns = 12
  private static let mostSettings = 60

  private var shown: ArraySlice<RunFacts> { runs.prefix(Self.mostRuns) }

  /// Names that tell the runs apart: their last folders, or the whole paths.
  static func names(_ runs: [RunFacts]) -> [String] {
    let short = runs.map(\.name)
    return Set(short).count == short.count ? short : runs.map(\.path)
  }

  var scores: Markup {
    let names = Self.names(runs)
    var table = TableMarkup(["score"] + names.prefix(Self.mostRuns).map { Names.markup($0, most: 24) })
    var keys: [(part: String, name: String)] = []
    for run in shown {
      for one in run.measured {
        for score in one.allScores where !keys.contains(where: { $0 == (one.part, score.name) }) && keys.count < 80 {
          keys.append((one.part, score.name))
        }
      }
    }
    for key in keys.sorted(by: { ($0.part == "test" ? 0 : 1) < ($1.part == "test" ? 0 : 1) }) {
      let cells = shown.map { run -> Markup in
        guard let one = run.measured.first(where: { $0.part == key.part }),
          let score = one.allScores.first(where: { $0.name == key.name })
        else {
          return ""
        }
        return score.cell
      }
      table.add(["\(key.name) <span class=\"sub\">\(key.part)</span>"] + cells)
    }
    table.add(
      ["<span class=\"kind\">rows measured on</span>"] + shown.map { $0.best.map { "\(RunFacts.rows($0))" } ?? "none" })
    table.add(["<span class=\"kind\">without a model</span>"] + shown.map(Self.baseline))
    table.add(
      ["<span class=\"kind\">time</span>"]
        + shown.map { run in
          run.times.map { "\(durationText($0.steps + $0.evaluation + $0.checkpoints))" } ?? ""
        })
    table.add(
      ["<span class=\"kind\">numbers learnt</span>"]
        + shown.map { run in
          run.record.flatMap { $0.parameters > 0 ? "\(grouped($0.parameters))" : nil } ?? ""
        })
    let more: Markup =
      runs.count > Self.mostRuns
      ? "<p class=\"note\">The first \(Self.mostRuns) of \(grouped(runs.count)) runs.</p>" : ""
    return
      "\(otherData)\(table.markup)\(more)<p class=\"note\">Intervals that overlap do not tell that two runs are alike.</p>"
  }

  private static func baseline(_ run: RunFacts) -> Markup {
    guard let score = run.best?.headline, let baseline = score.baseline else { return "" }
    return "\(score.name) \(score.shown(baseline.value))"
  }

  /// Whether the same rows were measured on: told by the receipts.
  private var otherData: Markup {
    func digest(_ run: RunFacts, _ link: String) -> String? { run.receipt?.links.first { $0.name == link }?.output }
    for link in ["raw", "split", "samples"] {
      let found = runs.map { digest($0, link) }
      guard let first = found.first(where: { $0 != nil }) else { continue }
      guard let other = runs.indices.first(where: { found[$0] != nil && found[$0] != first }) else { continue }
      return """
        <p class="warning">These runs are not of the same data: \(Names.markup(runs[other].path)) has another \(link) than the \
        first. Their figures cannot be compared one with the other.</p>
        """
    }
    return .empty
  }

  var differences: Markup {
    let names = Self.names(runs)
    let settings = shown.map { $0.namedSettings }
    let all = Set(settings.flatMap { $0.map(\.path) }).sorted()
    let values = settings.map { Dictionary($0.map { ($0.path, $0.text) }, uniquingKeysWith: { first, _ in first }) }
    let differing = all.filter { path in Set(values.map { $0[path] ?? "" }).count > 1 }
    guard !differing.isEmpty else { return "<p>Their configurations are the same.</p>" }
    var table = TableMarkup(["setting"] + names.prefix(Self.mostRuns).map { Names.markup($0, most: 24) }, kind: "words")
    for path in differing.prefix(Self.mostSettings) {
      table.add(
        ["<code>\(Names.brief(path, most: 80))</code>"]
          + values.map { "<code>\(Names.brief($0[path] ?? "", most: 60))</code>" })
    }
    let more: Markup =
      differing.count > Self.mostSettings
      ? "<p class=\"note\">The first \(Self.mostSettings) of \(grouped(differing.count)).</p>" : ""
    return table.markup + more
  }

  /// What each of them is.
  var list: Markup {
    var table = TableMarkup(["run", "state", "weights", "receipt"], kind: "words")
    for run in shown {
      table.add([
        Names.markup(run.path, most: 60), "\(run.stateText)",
        "<code>\(run.record.map { String($0.digest.prefix(23)) + "…" } ?? "none")</code>",
        run.receipt?.links.last.map { "<code>\(String($0.digest.prefix(23)))…</code>" } ?? "none yet",
      ])
    }
    return table.markup
      + runs.prefix(Self.mostRuns).map { run in
        Warnings(notes: run.notes.map { "\(run.name): \($0)" }).markup
      }.joined()
  }
}

/// What was passed over, for everybody to see.
struct Warnings {
  let notes: [String]

  var markup: Markup {
    let lines = notes.prefix(10).map { "<p class=\"warning\">\(Names.brief($0, most: 500))</p>\n" as Markup }
    let more: Markup = notes.count > 10 ? "<p class=\"note\">… and \(grouped(notes.count - 10)) more.</p>" : ""
    return lines.joined() + more
  }
}

extension RunFacts {
  /// `finished, 41 epochs`, `ended early after epoch 24, best 16`
  package var stateText: String {
    let done = doneEpochs
    let best = watched.map { $0.best < done ? ", best \($0.best)" : "" } ?? ""
    if isEndedEarly { return "ended early after epoch \(grouped(done))\(best)" }
    if isFinished { return "finished, \(count(done, "epoch"))\(best)" }
    return
      "not finished: \(grouped(done)) of \(epochs.map { count($0, "epoch") } ?? "an unknown number of epochs")\(best)"
  }
}
