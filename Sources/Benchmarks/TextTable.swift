import Lockstep

/// A table for a terminal: the first row is the head, and columns of numbers end together.
func textTable(_ rows: [[String]], leading: Int) -> String {
  guard let head = rows.first else { return "" }
  let widths = head.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
  return rows.map { row in
    let cells = row.enumerated().map { column, cell in
      column < leading ? cell.padded(to: widths[column]) : cell.indented(to: widths[column])
    }
    return String(cells.joined(separator: "  ").reversed().drop { $0 == " " }.reversed()) + "\n"
  }.joined()
}

/// The results of a benchmark as a table: rates with the range of their rounds, then medians.
package func table(of results: [CaseResult]) -> String {
  let head = [
    "model", "ranks×lanes", "reduction", "batch", "a second", "range", "efficiency", "of peak",
    "compute", "lanes wait", "exposed", "waiting", "input", "bytes", "messages", "shared", "allocations", "memory",
    "first step",
  ]
  return textTable([head] + results.map(row), leading: 3)
}

private func row(_ result: CaseResult) -> [String] {
  let (run, rate) = (result.benchmarkCase, result.samplesPerSecond)
  func median(_ figure: KeyPath<RoundResult, Double>) -> Double { result.spread(figure).median }
  // Shares of the five parts together: together they are the step, but for the microseconds between them.
  let parts = [\RoundResult.computeSeconds, \.laneSeconds, \.communicationSeconds, \.waitingSeconds, \.inputSeconds]
    .map(median)
  let sum = parts.reduce(0, +)
  let share = median(\.flopShare)
  return [
    run.title, "\(run.ranks)×\(run.lanes)", run.reduction, "\(run.batch)/\(run.microBatch)",
    "\(significant(rate.median)) \(result.rounds[0].unit)", "\(significant(rate.min))…\(significant(rate.max))",
    result.efficiency.map { percent($0.median) } ?? "", share > 0 ? percent(share) : "",
  ] + parts.map { sum > 0 ? percent($0 / sum) : "" } + [
    byteText(median(\.bytesPerStep)), grouped(Int(median(\.messagesPerStep).rounded())),
    byteText(median(\.sharedBytesPerStep)), fixed(median(\.allocationsPerStep), 1),
    byteText(Double(result.peakMemoryBytes)), "\(fixed(result.firstStepSeconds.median, 2)) s",
  ]
}

/// `87 %`
func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }

/// Whole numbers with separators; below 100, one decimal.
func significant(_ value: Double) -> String { value < 100 ? fixed(value, 1) : grouped(Int(value.rounded())) }
