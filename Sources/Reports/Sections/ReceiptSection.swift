import Diagnostics
import Lockstep

/// The chain of digests from the raw data to the figures, and how to compute it again.
struct ReceiptSection {
  let run: RunFacts

  private static let meanings = [
    "raw": "the bytes of the files", "schema": "which columns are read, and how", "split": "which row is in which part",
    "transform": "what was fitted to the columns", "prepared": "all features and targets",
    "samples": "what was trained on",
    "start": "the weights that it started from", "teacher": "the weights that it was taught by",
    "weights": "the trained network", "shrink": "what is left of the weights, once pruned outputs are cut out",
    "quantise": "how they are rounded to 8 bits", "decision": "calibration and threshold",
    "metrics": "what was measured",
  ]

  var markup: Markup {
    guard let receipt = run.receipt else {
      return "<p>There is none yet: a run leaves its receipt when it has come to its end.</p>"
    }
    var table = TableMarkup(["link", "what it is", "what it gave"], kind: "words")
    for link in receipt.links.prefix(50) {
      table.add([
        "\(Names.brief(link.name))", "<span class=\"kind\">\(Self.meanings[link.name] ?? "")</span>",
        "<code>\(Names.brief(link.output, most: 80))</code>",
      ])
    }
    let last: Markup =
      receipt.links.last.map { "<p>The last digest stands for all: <code>\($0.digest)</code></p>" } ?? ""
    return """
      <p>Each link follows from the ones before it. The same data, configuration and seed give the same chain on any number \
      of ranks, killed and resumed or not. Anybody who has the data can compute it again, and is told the first link that \
      differs:</p>
      <pre>lockstep verify \(Names.brief(run.path, most: 400)) --from raw        # all of it
      lockstep verify \(Names.brief(run.path, most: 400)) --from weights    # the figures alone</pre>
      \(table.markup)\(last)
      """
  }
}
