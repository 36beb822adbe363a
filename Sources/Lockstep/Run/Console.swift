import Communication
import Datasets
import Diagnostics
import Foundation
import Tensors
import Training

/// What rank zero tells the user while a run goes on: a progress bar where there is a terminal, plain lines elsewhere.
public final class Console: RunObserver {
  public enum Verbosity: Sendable {
    /// Nothing at all: the ranks above zero.
    case silent
    /// The table and the digest.
    case quiet
    case normal
  }

  private let verbosity: Verbosity
  /// Where the bar goes; nil where nobody watches.
  private let terminal: Terminal?
  private var clock = Stopwatch()
  /// Seconds since the beginning, evaluations and checkpoints included.
  private var elapsed = 0.0
  private var stepSeconds = 0.0
  private var lastShown = 0.0
  private var samples = 0
  private var first = 0
  private var last = 0
  private var barWidth = 0
  private var laneChanges = 0
  /// Why standard output took no more. A run goes on without it, and says so at its end: its results are in files.
  private var failure: Failure?

  /// The environment says whether and how a terminal is written to: `TERM`, `NO_COLOR`.
  public init(_ verbosity: Verbosity, environment: [String: String] = [:]) {
    self.verbosity = verbosity
    terminal = verbosity == .normal ? Terminal(environment: environment) : nil
  }

  public func observe(_ event: RunEvent) throws {
    switch event {
    case .start(let start): self.start(start)
    case .note(let text): note(text)
    case .step(let report): progress(report)
    case .epoch(let report): epoch(report)
    case .stop(let step, let checkpoint): stopped(step: step, checkpoint: checkpoint)
    case .end(let result):
      clearBar()
      table(result)
      if verbosity == .normal, let text = try result.sample() { line("sample: \(text)\n") }
      digest(result.digest)
      if let failure { throw failure }
    case .failure: clearBar()
    }
  }

  // MARK: - Lines

  /// One line of its own.
  private func line(_ text: String) {
    guard verbosity == .normal else { return }
    clearBar()
    put(text + "\n")
  }

  /// At once and whole, so that the lines of other processes do not come between.
  private func put(_ text: String, isBar: Bool = false) {
    guard failure == nil else { return }
    do { try isBar ? writeStandardOutput(asItIs: text) : writeStandardOutput(text) } catch {
      failure = Failure(reporting: error)
    }
  }

  /// Something the user should know, on standard error, also when quiet.
  private func note(_ text: String) {
    guard verbosity != .silent else { return }
    clearBar()
    writeStandardError(line: "note: \(text)")
  }

  private func start(_ start: RunStart) {
    line(start.title)
    let from = start.isResumed ? ", resumed after step \(grouped(start.firstStep))" : ""
    line(
      "\(count(start.epochs, "epoch")) of \(count(start.stepsPerEpoch, "step")), batch "
        + "\(start.batch) in micro-batches of \(start.microBatch)\(from)")
    (first, last) = (start.firstStep, start.stepCount)
    _ = clock.lap()
  }

  private func epoch(_ report: EpochReport) {
    let test =
      report.evaluation.map {
        // Where there is a table alone, the loss is all that can be told.
        let score = $0.headline.name == "loss" ? "" : ", \($0.headline.name) \(fixed($0.headline.value, 4))"
        return ", \($0.data) loss \(fixed($0.loss, 4))\(score)"
      } ?? ""
    line("epoch \(report.epoch)/\(report.epochs): loss \(fixed(report.loss, 4))\(test)\(rateText)")
  }

  private func stopped(step: Int, checkpoint: String) {
    clearBar()
    guard verbosity != .silent else { return }
    put("stopped on request after step \(step) of \(last); checkpoint \(checkpoint); go on with --resume" + "\n")
  }

  // MARK: - Progress

  private func progress(_ report: Trainer.Report) {
    guard verbosity == .normal else { return }
    elapsed += clock.lap()
    stepSeconds += report.times.total
    samples += report.step.count
    if let measured = report.overlap { overlap(measured) }
    if let change = report.lanes { lanes(change) }
    if let sharing = report.sharing { tell(sharing) }
    guard let terminal, elapsed - lastShown > 0.1 || report.step.number + 1 == last else { return }
    lastShown = elapsed
    let done = report.step.number + 1
    let share = Double(done) / Double(max(1, last))
    let left = elapsed / Double(max(1, done - first)) * Double(last - done)
    let words = [" step \(done)/\(last)", " loss \(fixed(report.loss, 4))", rateText, " \(duration(left)) left"]
    let columns = terminal.columns
    showBar(ProgressBar(share: share, words: words).text(columns: columns), columns: columns)
  }

  private func overlap(_ measured: OverlapChoice.Measured) {
    let (apart, overlapped) = (fixed(measured.apart * 1e3, 1), fixed(measured.overlapped * 1e3, 1))
    line(
      measured.overlapped < measured.apart
        ? "gradients are sent while others are computed: \(overlapped) ms a step instead of \(apart)"
        : "gradients are sent after they are computed: \(apart) ms a step, \(overlapped) when sent meanwhile")
  }

  private func tell(_ sharing: Trainer.SharingReport) {
    func words(_ way: Trainer.SharingReport.Way) -> String { fixed(way.seconds * 1e3, 3) }
    let (chosen, others) = (sharing.chosen, sharing.others.sorted { $0.lanesPerLeaf < $1.lanesPerLeaf })
    let compared = others.map { "\(words($0)) with \($0.lanesPerLeaf)" }.joined(separator: ", ")
    line(
      (chosen.lanesPerLeaf == 1
        ? "each lane computes micro-batches of its own" : "\(chosen.lanesPerLeaf) lanes share a micro-batch")
        + ": \(words(chosen)) ms a step, \(compared)")
  }

  /// The first few times: where other programs come and go, so do lanes.
  private func lanes(_ change: Trainer.LaneChange) {
    laneChanges += 1
    guard laneChanges <= 4 else { return }
    let (before, after) = (fixed(change.before * 1e3, 3), fixed(change.after * 1e3, 3))
    let cause = change.to < change.from ? " (steps are short, or other programs take cores)" : ""
    line(
      "\(change.to) of \(change.all) lanes compute\(change.to == 1 ? "s" : "") from here on: \(after) ms a step instead of \(before) with \(change.from)\(cause)"
    )
  }

  private func showBar(_ text: String, columns: Int) {
    // The rest of a longer bar is wiped out, as far as the terminal is still as wide.
    let width = max(text.count, min(barWidth, columns - 1))
    put("\r" + text.padding(toLength: width, withPad: " ", startingAt: 0), isBar: true)
    barWidth = text.count
  }

  private func clearBar() {
    guard barWidth > 0 else { return }
    let width = min(barWidth, (terminal?.columns ?? barWidth + 1) - 1)
    put("\r" + String(repeating: " ", count: width) + "\r", isBar: true)
    barWidth = 0
  }

  private var rateText: String { stepSeconds > 0 ? ", \(grouped(Int(Double(samples) / stepSeconds))) samples/s" : "" }

  // MARK: - The end

  /// Rows of the table that may tell of single outputs.
  private static let outputRows = 16

  private func table(_ result: RunResult) {
    guard verbosity != .silent else { return }
    let (summary, checkpoint) = (result.summary, result.checkpoint)
    var rows: [(String, String)] = []
    for evaluation in [summary.evaluation, summary.held].compactMap({ $0 }) { rows += Self.rows(evaluation) }
    if let best = summary.best {
      rows.append(
        (
          "best epoch",
          "\(best.epoch) of \(best.measured), \(best.metric.replacing("-", with: " ")) \(fixed(best.value, 4))"
        ))
    }
    if let distilled = summary.distilled {
      let headline = (summary.held ?? summary.evaluation)?.headline.name ?? "loss"
      for model in distilled.models { rows.append((model.role, distilled.text(of: model, headline: headline))) }
    }
    if let pruned = summary.pruned { rows.append(("zeros", PrunedSlot.summary(of: pruned))) }
    if let decision = summary.decision { rows += decision.rows(of: decision.input == nil ? "validation" : "other") }
    if summary.steps > 0 {
      rows.append(("samples per second", grouped(Int(summary.samplesPerSecond))))
      rows.append(
        (
          "training time",
          "\(fixed(summary.stepSeconds, 2)) s: "
            + summary.shares.map { "\($0.name) \(Int(($0.share * 100).rounded())) %" }.joined(separator: ", ")
        ))
      rows.append(
        (
          "beside training",
          "evaluation \(fixed(summary.evaluationSeconds, 2)) s, checkpoints \(fixed(summary.checkpointSeconds, 2)) s"
        ))
    }
    if let straggler = summary.straggler { rows.append(("slow", straggler)) }
    rows.append(("checkpoint", checkpoint.shown()))
    let command = "lockstep report \(Self.word(checkpoint.split(separator: "/").dropLast(), checkpoint))"
    rows.append(("page", result.page?.shown() ?? command))
    let width = rows.map(\.0.count).max() ?? 0
    let rule = String(repeating: "─", count: width + 2 + (rows.map(\.1.count).max() ?? 0))
    put(rule + "\n")
    for (name, value) in rows { put(name.padding(toLength: width + 2, withPad: " ", startingAt: 0) + value + "\n") }
    put(rule + "\n")
  }

  /// The directory of a run as a shell takes it for one word.
  private static func word(_ folders: ArraySlice<Substring>, _ checkpoint: String) -> String {
    let path = (checkpoint.hasPrefix("/") ? "/" : "") + folders.joined(separator: "/")
    let isPlain = path.wholeMatch(of: /[A-Za-z0-9.\/_-]+/) != nil
    return isPlain ? path : "'\(path.shown().replacing("'", with: "'\\''"))'"
  }

  private static func rows(_ evaluation: Evaluation) -> [(String, String)] {
    let (data, outputs) = (evaluation.data, evaluation.outputs)
    var rows = evaluation.metrics.map { ("\(data) \($0.name)", fixed($0.value, 4)) }
    for (name, metrics) in outputs.prefix(outputRows) {
      // Before widths are counted: a name from a file may hold characters that are written as several.
      let scores = metrics.map { "\($0.name) \(fixed($0.value, 4))" }.joined(separator: ", ")
      rows.append(("\(data) \(name.shown())", scores))
    }
    if outputs.count > outputRows {
      rows.append(("\(data) …", "\(outputs.count - outputRows) outputs more in metrics.jsonl"))
    }
    return rows
  }

  /// The very last line of a run.
  private func digest(_ digest: Digest) {
    guard verbosity != .silent else { return }
    put("digest \(digest)" + "\n")
  }
}

extension Dataset {
  /// `28×28×1`, and what is to be predicted of each where that is several numbers: `8, targets of 3`.
  var form: String {
    guard let targetShape, targetShape.count > 1 else { return "\(shape)" }
    return "\(shape), targets of \(targetShape)"
  }
}

/// Seconds as `12 s` or `3:05 min`.
private func duration(_ seconds: Double) -> String {
  let whole = Int(seconds.rounded())
  return whole < 60 ? "\(whole) s" : String(format: "%d:%02d min", whole / 60, whole % 60)
}
