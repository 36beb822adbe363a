import Diagnostics

/// What drafts of folders have in common.
struct FolderDraft {
  let look: FolderLook
  let place: DraftPlace

  init(_ look: FolderLook, _ place: DraftPlace) { (self.look, self.place) = (look, place) }

  private static let shares = (test: 0.2, validation: 0.1)

  /// Of the files that are trained on, when a split has taken the others.
  var trainingCount: Int {
    var share = 1.0
    if look.divisions.isEmpty { share -= Self.shares.test }
    if !has("validation") { share -= Self.shares.validation }
    return max(1, Int(Double(look.count) * share))
  }

  private func has(_ key: String) -> Bool { look.divisions.contains { $0.key == key } }

  /// `3 classes: cat 50.0 %, dog 30.0 %, bird 20.0 %`
  var comment: String {
    let shares = look.classes.prefix(4).map { "\($0.name) \(TableDraft.percent($0.count, of: look.count))" }
    return
      "\(grouped(look.classes.count)) classes: \(shares.joined(separator: ", "))\(look.classes.count > 4 ? ", …" : "")"
  }

  /// The first lines; `range` is what the files are like that were opened.
  func head(_ range: String, predict settings: String = "") -> [String] {
    let all =
      "\(count(look.count, look.divisions.isEmpty ? look.kind.noun : "training \(look.kind.noun)")) in \(look.folder)"
    let opened = look.sample.count < look.count ? ", of which \(grouped(look.sample.count)) were opened" : ""
    return place.head("\(all)\(opened): \(range)", use: place.predict("FOLDER", settings))
  }

  /// Lines of the data: where files are, and how they are divided.
  var lines: [String] {
    let split = "training is watched by validation \(look.kind.plural) alone"
    guard !look.divisions.isEmpty else {
      return [
        "    train: \(place.path(look.folder))   # \(comment)",
        "    split: {stratified: {test: \(Self.shares.test), validation: \(Self.shares.validation)}}   # \(split)",
      ]
    }
    let lines = look.divisions.enumerated().map {
      "    \($1.key): \(place.path($1.path))\($0 == 0 ? "   # \(comment)" : "")"
    }
    return has("validation")
      ? lines : lines + ["    split: {stratified: {validation: \(Self.shares.validation)}}   # \(split)"]
  }

  /// The same for rows of a table, which has no folders of parts.
  var split: String {
    let test = look.divisions.isEmpty ? Self.shares.test : 0
    return "{stratified: {test: \(shortest(test)), validation: \(Self.shares.validation)}}"
  }

  /// Whether validation has files of each class: of ten one is taken.
  var isWatched: Bool { has("validation") && look.kind != .texts || look.classes.allSatisfy { $0.count >= 10 } }

  /// A line where one class has much less than its share.
  var advice: [String] {
    guard let least = look.classes.last, Double(least.count * look.classes.count) < 0.6 * Double(look.count) else {
      return []
    }
    return ["# Some classes are seldom: cross-entropy takes class-weights, one a class, to weigh them up."]
  }

  /// What is left out, and what would stop a run: more than 1 % of the files that were opened cannot be read.
  ///
  /// Throws where none can.
  func notes(of faults: [String]) throws -> [String] {
    guard let first = faults.first, 100 * faults.count > look.sample.count else { return look.notes }
    let plural = look.kind.plural
    guard faults.count < look.sample.count else {
      throw Failure(
        .badData, at: look.folder, "none of \(grouped(look.sample.count)) \(plural) can be read: \(first)",
        cure: "convert them")
    }
    return look.notes + [
      "\(grouped(faults.count)) of \(grouped(look.sample.count)) \(plural) cannot be read, and more than 1 % stop a run; "
        + "the first is \(first); correct them, or raise quarantine-at-most"
    ]
  }
}

/// How long to train, in batches of a sensible size.
struct PaceDraft {
  let batch: Int
  let epochs: Int
  private let warmup: Int

  /// So that about `samples` are seen in all, of `count`, in so many passes.
  init(count: Int, samples: Int, epochs: ClosedRange<Int>) {
    batch = count < 40 ? 4 : count < 500 ? 16 : count < 5_000 ? 32 : 64
    self.epochs = min(epochs.upperBound, max(epochs.lowerBound, samples / max(1, count)))
    warmup = min(50, max(1, self.epochs * max(1, count / batch) / 10))
  }

  /// From the loss on.
  ///
  /// - Parameter isWatched: whether each class has rows to watch training by.
  func lines(rate: String, decay: String = "0.05", isWatched: Bool) -> [String] {
    let early = "early-stopping: {patience: \(max(3, epochs / 4))}   # and the best epoch stays"
    return [
      "loss: cross-entropy", "metrics: [accuracy, f1]",
      "optimizer: {adamw: {learning-rate: \(rate), weight-decay: \(decay)}}", "schedule: {cosine: {warmup: \(warmup)}}",
      "epochs: \(epochs)",
    ] + (isWatched ? [early] : []) + [
      "batch: \(batch)", "micro-batch: \(batch / 2)", "observers: [report]", "seed: 1",
    ]
  }
}
