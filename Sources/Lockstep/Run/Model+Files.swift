import Communication
import Datasets
import Diagnostics
import Files
import Foundation
import Losses
import Metrics
import Sources
import Tensors
import Training
import Writers

extension Model {
  /// What is to be said of files that are read now: that they are decoded by other libraries than those of training.
  package var dataNotes: [String] { preparation.map { configuration.data.notes(on: $0) } ?? [] }

  /// Reads a file with targets, in the form that the model was trained on; `labels` is the file of the targets, where that
  /// is another one.
  public func labelledData(_ path: String, labels: String?) throws -> Dataset {
    OutOfMemory.note("reading \(path)")
    return try configuration.data.read(labelled: path, targets: labels, like: schema)
  }

  /// Reads a file without targets, those of a table are passed over, and writes the predictions for it, in the format that
  /// the ending of `output` names; returns how many.
  ///
  /// Some samples are read, predicted and written at a time, the next ones read meanwhile: memory does not grow with their
  /// number. The file is written under a temporary name and renamed, so that a failure leaves no half of it; what is no regular
  /// file, as a pipe, gets rows as soon as they are there.
  ///
  /// The ranks of the model's world share the work, and all of them call it: each reads the input, predicts blocks of its rows
  /// in turn, and rank zero writes them. The bytes are those of one rank. What can be read only once, as a pipe, or is written
  /// to by others, as a database, rank zero reads and predicts alone.
  ///
  /// - Parameters:
  ///   - columns: those of the input, a table, that stand in front of the predictions.
  ///   - tell: is given on rank zero, at the end, how the rows differ from those of training, a line each.
  @discardableResult
  public func writePredictions(
    of input: String, to output: String, keeping columns: [String] = [], tell: (String) -> Void = { _ in }
  ) throws -> Int {
    try writeRows(of: input, to: output, keeping: columns, tell: tell).rows
  }

  /// So many rows at a time at most, a multiple of the micro-batch.
  @discardableResult
  func writePredictions(
    of input: String, to output: String, keeping columns: [String] = [], rows: Int, tell: (String) -> Void = { _ in }
  ) throws -> Int {
    try writeRows(of: input, to: output, keeping: columns, atATime: rows, tell: tell).rows
  }

  /// The same; returns also how many of the rows could not be predicted.
  ///
  /// - Parameters:
  ///   - byFile: whether a row is written for each file, where files are cut into clips: the mean of what is said of these.
  ///   - most: rows at a time, a multiple of the micro-batch; nil: as many as there is memory for.
  package func writeRows(
    of input: String, to output: String, keeping columns: [String] = [], byFile: Bool = false, atATime most: Int? = nil,
    tell: (String) -> Void = { _ in }
  ) throws -> (rows: Int, problems: Int) {
    OutOfMemory.note("reading \(input)")
    let (rows, clip) = (most ?? batchSize, configuration.data.clipName)
    guard !byFile || clip != nil else {
      throw Failure(
        .usage, at: "--by-file", "expected a model of files that become several clips each, found another one",
        cure: "leave it out")
    }
    let names = configuration.data.rowNames.filter { !columns.contains($0) && !(byFile && $0 == clip) }
    let columns = names + columns
    let form = form(keeping: columns)
    let sheet = try world.agree { PredictionSheet(output, try predictionWriter(for: output), form) }
    let isShared = try isShared(input, tell)
    let batches = try world.agree { () -> TurnBatches? in
      guard isShared || world.rank == 0 else { return nil }
      let all = try configuration.data.batches(of: input, rows: rows, keeping: columns, like: schema)
      return TurnBatches(all, rank: isShared ? world.rank : 0, of: isShared ? world.size : 1)
    }
    let digest =
      isShared && world.size > 1 && !isDirectory(input)
      ? BackgroundWork("digest") { try RegularFile(input, cure: FileEnds.cure).digest() } : nil
    let ahead = batches.map { BatchesAhead($0) }
    // Where rows cannot be predicted or written, none are read any more.
    defer { ahead?.end() }
    let evaluator = evaluator(LocalWorld.single())
    func predicted(_ count: Int) throws -> Predictions? {
      guard let rows = try ahead?.next() else { return nil }
      guard StopSignals.request == nil else {
        throw Failure(.stopped, at: output, "stopped on request after \(grouped(count)) predictions; nothing is kept")
      }
      let outputs = try rows.samples.map { try predict($0, by: evaluator) } ?? FlatBuffer(count: 0)
      let predicted = PredictedRows(rows, outputs)
      return predictions(
        byFile ? predicted.perFile(rows.files, width: outputShape.count) : predicted, namesClasses: form.classes != nil)
    }
    let rounds = PredictionRounds(world: world, sheet: sheet)
    // Whoever is at the other end of a pipe may take all the time they want.
    let isPiped = FileEnds.isStream(input) || FileEnds.isStream(output)
    let count = try SignsOfLife.noting(while: { try rounds.run(next: predicted) }) { { isPiped } }
    try requireSameRows(of: input, batches)
    try requireSameBytes(of: input, digest)
    let counts = try sum(of: batches?.counts ?? [])
    try world.agree { if world.rank == 0 { try sheet.finish() } }
    if world.rank == 0 { (dataNotes + (batches?.findings(of: counts) ?? [])).forEach(tell) }
    return count
  }

  /// Samples that are predicted at a time: whole micro-batches, so that the bits are those of all samples together, and
  /// about a million numbers.
  private var batchSize: Int {
    let numbers = max(plan.network.input.count, outputShape.count)
    return max(1, (1 << 20) / numbers / plan.microBatch) * plan.microBatch
  }

  /// The names of what is predicted.
  func form(keeping columns: [String]) -> PredictionForm {
    guard configuration.loss.parts.isEmpty else { return partsForm(keeping: columns) }
    let (width, settings, meaning) = (outputShape.count, configuration.predictions, configuration.loss.meaning)
    // Two classes may be predicted as the numbers 0 and 1.
    let classes = if case .values = meaning { [String]?.none } else { record.classes }
    var numbers =
      switch (meaning, classes) {
      case (.classes, let classes): (classes ?? []).map { "probability of \($0)" }
      case (.binary, let classes?): ["probability of \(classes[1])"]
      case (.binary, nil): numbered("probability", width)
      case (.values, _): numbered("prediction", width)
      }
    if classes != nil, !settings.probabilities { numbers = [] }
    return PredictionForm(
      classes: classes, numbers: numbers, decimals: settings.decimals, tellsProblems: configuration.data.tellsProblems,
      kept: columns)
  }

  /// The columns of several targets have the names of theirs; one that has several outputs, as quantiles, those behind it.
  private func numbered(_ word: String, _ outputs: Int) -> [String] {
    let each = configuration.loss.outputNames
    let width = outputs / each.count
    var names = (0..<width).map { "\(word) \($0)" }
    if let targets = record.targets, targets.count == width { names = targets }
    if width == 1 {
      return each.map { $0 ?? word }
    }
    return names.flatMap { name in each.map { $0.map { "\(name) \($0)" } ?? name } }
  }

  private func predictions(_ rows: PredictedRows, namesClasses: Bool) -> Predictions {
    guard configuration.loss.parts.isEmpty else { return partsPredictions(rows) }
    let (width, count, outputs) = (outputShape.count, rows.count, rows.outputs.view)
    var classes: [Int] = []
    if namesClasses {
      classes = (0..<count).map { sample in
        let row = outputs[sample * width..<(sample + 1) * width]
        if let chosen = decision?.chosen(row, among: record.classes) { return chosen }
        return configuration.loss.takesClasses ? largest(row) : row[0] > 0.5 ? 1 : 0
      }
    }
    let writesNumbers = !namesClasses || configuration.predictions.probabilities
    return Predictions(
      numbers: writesNumbers ? outputs : outputs[0..<0], classes: classes, count: count, problems: rows.problems,
      kept: rows.kept)
  }
}
