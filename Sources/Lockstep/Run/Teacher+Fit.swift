import Datasets
import Diagnostics
import Layers
import Losses
import Preparation
import Training

extension Model {
  /// Throws where it does not say of training samples what a run is to learn.
  func requireTeaches(
    _ student: Plan, _ samples: Dataset, loss: any Loss, mixes: Bool, key: String = "teacher.checkpoint"
  ) throws {
    func failure(_ expected: String, _ found: String, _ cure: String) -> Failure {
      Failure(
        .badConfiguration, at: "\(key) (\(path.shown()))", "expected \(expected), found \(found)",
        cure: cure)
    }
    let rank = samples.isText ? 2 : 1
    guard student.outputShape.rank == rank, outputShape.rank == rank else {
      throw failure(
        samples.isText ? "outputs for each token" : "a row of outputs a sample",
        "\(outputShape) of the teacher and \(student.outputShape) of the student",
        samples.isText ? "use a teacher of the same text" : "leave teacher out")
    }
    guard loss.parts.isEmpty, configuration.loss.meaning == loss.meaning else {
      throw failure(
        "one target for both, classes with a score each, a yes or no, or numbers", "others",
        "use cross-entropy for both, binary-cross-entropy, or a loss of numbers")
    }
    try requireSameTokens(samples, failure)
    guard samples.shape == plan.network.input else {
      throw failure("samples of \(samples.shape)", "\(plan.network.input)", "use a teacher of the same data")
    }
    guard outputShape == student.outputShape else {
      throw failure("\(student.outputShape.count) outputs", "\(outputShape.count)", "use a teacher of the same targets")
    }
    if let own = samples.classNames, let classes = record.classes, own != classes {
      throw failure(
        "the classes \(Inspection.list(own))", Inspection.list(classes), "use a teacher of the same targets")
    }
    // The same numbers would mean something else to it.
    guard samples.preparation == preparation else {
      throw failure(
        "columns fitted to the training rows as the student's are", differingColumn(samples) ?? "others",
        "use a teacher of the same data, columns, split and seed")
    }
    guard !mixes else {
      throw failure(
        "samples that are not mixed, as a teacher says nothing of mixtures", "mixup or cutmix",
        "leave it out of augment")
    }
  }

  /// Throws where a token is another one to it.
  private func requireSameTokens(
    _ samples: Dataset, _ failure: (_ expected: String, _ found: String, _ cure: String) -> Failure
  ) throws {
    let cure = "train a teacher with the student's vocabulary: the same text, unit and size"
    if samples.isText, let own = samples.classNames {
      let other = record.classes ?? []
      let place = zip(own, other).prefix { $0 == $1 }.count
      guard own == other, samples.preparation == preparation else {
        let first =
          place < min(own.count, other.count)
          ? ", in which \(place) is \(other[place].shown()) for \(own[place].shown())" : ""
        throw failure(
          "the student's vocabulary of \(grouped(own.count)) tokens", "another of \(grouped(other.count))\(first)", cure
        )
      }
    }
    for (column, own, other) in tokenColumns(samples) where own != other {
      throw failure("the student's vocabulary of column '\(column)'", "another one", cure)
    }
  }

  /// What the columns of texts have as vocabularies, for the student and for the teacher, which has none where it has no such column.
  private func tokenColumns(_ samples: Dataset) -> [(name: String, student: FittedColumn, teacher: FittedColumn?)] {
    guard let own = fittedTable(samples.preparation) else { return [] }
    let other = fittedTable(preparation)
    return own.columns.filter { $0.kind == TokensColumn.kind }.map { column in
      let same = other?.columns.first { $0.kind == column.kind && $0.name == column.name }
      return (column.name, column.fitted, same?.fitted)
    }
  }

  /// The first column that it has otherwise.
  private func differingColumn(_ samples: Dataset) -> String? {
    guard let own = fittedTable(samples.preparation), let other = fittedTable(preparation) else { return nil }
    let place = zip(own.columns, other.columns).prefix { $0 == $1 }.count
    return place < own.columns.count ? "other numbers for column '\(own.columns[place].name)'" : nil
  }

  private func fittedTable(_ text: String?) -> FittedTable? { text.flatMap { try? FittedTable(json: $0) } }
}
