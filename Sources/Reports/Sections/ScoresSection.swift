import Diagnostics

/// What was measured, beside what is known without a model.
struct ScoresSection {
  let run: RunFacts

  var markup: Markup {
    guard let best = run.best else { return run.unmeasured.map { "<p>Nothing is measured: \($0).</p>" } ?? .empty }
    var head: [Markup] = ["score"]
    let hasBaseline = best.scores.contains { $0.baseline != nil }
    for one in run.measured { head += ["\(one.part)<br/><span class=\"sub\">\(grouped(one.rows)) \(one.unit)</span>"] }
    if hasBaseline {
      head.insert("without a model<br/><span class=\"sub\">on the \(best.part) \(best.unit)</span>", at: 2)
    }
    var table = TableMarkup(head)
    for score in best.scores.prefix(60) {
      var cells: [Markup] = ["\(score.name)"]
      for one in run.measured {
        guard let other = one[score: score.name] else {
          cells.append("")
          continue
        }
        cells.append(other.cell)
      }
      if hasBaseline {
        // Beside what it is to be compared with.
        cells.insert(
          score.baseline.map { "\(score.shown($0.value))<br/><span class=\"sub\">\($0.how)</span>" } ?? "", at: 2)
      }
      table.add(cells)
    }
    return """
      <p>Measured again for this page, by \(rows(best)). \(fitted)\(intervals)</p>
      \(table.markup)\(files)\(outputs(best))\(numbers(best))
      """
  }

  /// The same by file, where samples are clips of files.
  private var files: Markup {
    let measured = run.measured.filter { !$0.fileScores.isEmpty }
    guard let first = measured.first else { return .empty }
    var table = TableMarkup(
      ["score"] + measured.map { "\($0.part)<br/><span class=\"sub\">\(grouped($0.files)) files</span>" })
    for score in first.fileScores.prefix(60) {
      table.add(
        ["\(score.name)"]
          + measured.map { one in one.fileScores.first { $0.name == score.name }?.cell ?? "" })
    }
    return "<h3>By file</h3><p>Of each file the mean of what is said of its clips.</p>\(table.markup)"
  }

  /// What training has seen of them.
  private func rows(_ best: Measurement) -> Markup {
    guard best.part == "test" else { return "the rows that training was watched by" }
    return run.isChosenByTest
      ? "the test rows, which also chose the best epoch: rows that are new may be predicted worse"
      : "rows that training has never seen"
  }

  /// What was fitted on rows that are measured on.
  private var fitted: Markup {
    run.measured.map { one -> Markup in
      guard let fitted = one.fitted else { return .empty }
      let was = fitted.contains(" and ") ? "were" : "was"
      return "The \(fitted) \(was) fitted on the \(one.part) \(one.unit): others may be predicted worse. "
    }.joined()
  }

  private var intervals: Markup {
    let hasAny = run.measured.contains { $0.scores.contains { $0.figure.interval != nil } }
    return hasAny
      ? "Small numbers: between which figures it would lie in 95 of 100 other samples of as many rows, by \(run.best?.intervals ?? "")."
      : ""
  }

  private func outputs(_ best: Measurement) -> Markup {
    guard let first = best.outputs.first, !first.scores.isEmpty else { return .empty }
    var table = TableMarkup(["output"] + first.scores.map { "\($0.name)" })
    let most = 50
    for (name, scores) in best.outputs.prefix(most) {
      let cells = first.scores.map { wanted -> Markup in
        scores.first { $0.name == wanted.name }.map { "\($0.figure.text)" } ?? ""
      }
      table.add([Names.markup(name)] + cells)
    }
    let more: Markup =
      best.outputs.count > most ? "<p class=\"note\">The first \(most) outputs; all are in metrics.jsonl.</p>" : ""
    return "<h3>Each output</h3>\(table.markup)\(more)"
  }

  private func numbers(_ best: Measurement) -> Markup {
    guard let facts = best.numbers, facts.points.count > 1 else { return .empty }
    var chart = ScatterChart(
      "Predicted and true \(Names.brief(facts.name))", facts.points.map { ($0.truth, $0.prediction) })
    (chart.xName, chart.yName) = ("true", "predicted")
    return "<div class=\"charts\">\(chart.figure)</div>"
  }
}
