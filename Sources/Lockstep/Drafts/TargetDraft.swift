import Diagnostics
import Preparation

/// What a target seems to be, and what follows for loss, split and metrics.
struct TargetDraft {
  /// Whether numbers are predicted; else classes.
  let isNumeric: Bool
  let classes: Int
  /// `numbers from 1 to 9`, `2 classes: good 71.9 %, bad 28.1 %`
  let comment: String
  /// Whether one class has less than a third of its share.
  let isImbalanced: Bool

  /// Different whole numbers that are taken for classes.
  private static let mostNumberedClasses = 20

  init(_ profile: ColumnProfile) {
    let numbers = profile.numbers == profile.values && profile.values > 0
    let isFew = !profile.hasMore && profile.distinct <= Self.mostNumberedClasses && profile.wholes == profile.values
    isNumeric = numbers && !isFew
    classes = profile.distinct
    let words = profile.missingWords.keys.sorted().prefix(3).map { "'\($0)'" }.joined(separator: ", ")
    let reason = words.isEmpty ? "" : " (\(words) stands for nothing: see missing)"
    let rows = count(profile.missing, "row")
    let holes =
      profile.missing > 0 ? "; \(rows) without it \(profile.missing == 1 ? "is" : "are") passed over\(reason)" : ""
    if isNumeric {
      comment = "numbers from \(shortest(profile.least)) to \(shortest(profile.most))\(holes)"
      isImbalanced = false
    } else {
      let sorted = profile.words.sorted { $0.count > $1.count }
      let shares = sorted.prefix(4).map { "\($0.word) \(TableDraft.percent($0.count, of: profile.values))" }
      comment = ("\(classes) classes: " + shares.joined(separator: ", ") + (classes > 4 ? ", …" : "") + holes).shown()
      isImbalanced = Double(sorted.last?.count ?? 0) * Double(classes) < Double(profile.values) * 0.6
    }
  }

  var split: String { isNumeric ? "random" : "stratified" }
}

/// A model of a sensible size for so many training rows.
struct ModelDraft {
  let lines: [String]

  init(rows: Int, _ target: TargetDraft) {
    let units = rows < 2_000 ? 32 : rows < 50_000 ? 64 : 256
    let batch = rows < 2_000 ? 32 : rows < 50_000 ? 64 : 256
    let stepsPerEpoch = max(1, rows / batch)
    let epochs = min(60, max(5, 2_000 / stepsPerEpoch))
    lines =
      [
        "model:   # two hidden layers, for about \(grouped(rows)) training rows",
        "  - dense: \(units)", "  - relu", "  - dropout: 0.2", "  - dense: \(units / 2)", "  - relu",
        "  - dense: \(target.isNumeric ? 1 : target.classes)",
        "loss: \(target.isNumeric ? "mean-squared-error" : "cross-entropy")",
        "metrics: [\((target.isNumeric ? ["mean-absolute-error", "r-squared"] : ["accuracy", "f1"]).joined(separator: ", "))]",
        "optimizer: {adamw: {learning-rate: 0.002, weight-decay: 0.01}}",
        "schedule: {cosine: {warmup: \(min(100, stepsPerEpoch))}}",
        "epochs: \(epochs)", "batch: \(batch)", "micro-batch: \(batch / 2)", "seed: 1",
      ]
      + (target.isImbalanced
        ? ["# Some classes are seldom: cross-entropy takes class-weights, one a class, to weigh them up."] : [])
  }
}
