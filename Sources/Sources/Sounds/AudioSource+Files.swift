import Datasets
import Diagnostics
import Files
import Preparation
import Tensors

// Sounds that are not prepared: those that a model is measured on, or that it is to predict.
extension AudioSource {
  public func read(labelled file: String, targets: String?, like schema: Schema) throws -> Dataset {
    try requireNone(targets)
    let fitted = try fitted(schema)
    let sounds = try LooseSounds(file, settings, fitted, withTargets: true)
    var (features, classes, values) = ([Float](), [Int32](), [Float]())
    while let batch = try sounds.next(most: 1024) {
      features += batch.features
      classes += batch.classes
      values += batch.values
    }
    try sounds.aside.requireFew(atMost: settings.quarantineAtMost, source: file)
    return Dataset(
      source: file, shape: [fitted.form.frames, fitted.form.width], features: .floats(features),
      targets: fitted.classes.map { .classes(classes, names: $0) } ?? .values(values, width: fitted.targets.count),
      targetNames: fitted.targets, preparation: schema.preparation)
  }

  public func batches(of file: String, rows: Int, like schema: Schema) throws -> any SampleBatches {
    try batches(of: file, rows: rows, keeping: rowNames, like: schema)
  }

  /// The sound's name, and where it has several clips which of them: what rows are known by.
  public var rowNames: [String] { settings.form.clips > 1 ? ["path", Self.clip] : ["path"] }
  fileprivate static let clip = "clip"

  public func batches(
    of file: String, rows: Int, keeping columns: [String], like schema: Schema
  ) throws -> any SampleBatches {
    let others = columns.filter { !rowNames.contains($0) }
    let sounds = try LooseSounds(file, settings, fitted(schema), withTargets: false, keeping: others)
    return SoundBatches(sounds, file: file, rows: rows, try fitted(schema), schema, columns: columns, others: others)
  }
}

/// Sounds to be predicted, some at a time.
private final class SoundBatches: SampleBatches {
  private let sounds: LooseSounds
  private let file: String
  private let rows: Int
  private let shape: Shape
  private let schema: Schema
  private let columns: [String]
  private let others: [String]

  init(
    _ sounds: LooseSounds, file: String, rows: Int, _ fitted: FittedSounds, _ schema: Schema, columns: [String],
    others: [String]
  ) {
    (self.sounds, self.file, self.rows, self.schema) = (sounds, file, rows, schema)
    (self.columns, self.others) = (columns, others)
    shape = [fitted.form.frames, fitted.form.width]
  }

  func next() throws -> SampleBatch? {
    guard let batch = try sounds.next(most: rows) else { return nil }
    let data =
      batch.features.isEmpty
      ? nil
      : Dataset(
        source: file, shape: shape, features: .floats(batch.features), targets: .none,
        preparation: schema.preparation)
    let kept = columns.map { column in
      others.firstIndex(of: column).map { batch.kept[$0] }
        ?? (column == AudioSource.clip ? batch.clips.map { "\($0)" } : batch.names.map { Optional($0) })
    }
    return SampleBatch(data, rows: batch.count, problems: batch.problems, kept: kept)
  }

  func skip() throws -> Int { try sounds.skip(most: rows) }
}
