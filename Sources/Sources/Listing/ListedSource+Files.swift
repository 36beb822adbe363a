import Datasets
import Diagnostics
import Files
import Preparation
import Tensors

// Files that are not prepared: those that a model is measured on, or that it is to predict.
extension ListedSource {
  package func read(labelled file: String, targets: String?, like schema: Schema) throws -> Dataset {
    try requireNone(targets)
    let fitted = try fitted(schema)
    let files = try LooseFiles<Content.Maker>(file, settings, fitted, withTargets: true)
    var (items, classes, values, counts) = ([Content.Maker.Item](), [Int32](), [Float](), [Int]())
    while let batch = try files.next(most: 4096) {
      items += batch.items
      counts += batch.counts
      classes += batch.classes
      values += batch.values
    }
    try files.aside.requireFew(atMost: settings.files.quarantineAtMost, source: file)
    let (shape, features) = try samples(of: items, fitted, source: file)
    return Dataset(
      source: file, shape: shape, features: features,
      targets: fitted.classes.map { .classes(classes, names: $0) } ?? .values(values, width: fitted.targets.count),
      targetNames: fitted.targets, preparation: schema.preparation,
      files: settings.clips > 1
        ? counts.enumerated().flatMap { [Int32](repeating: Int32($0), count: $1) } : nil)
  }

  package func batches(of file: String, rows: Int, like schema: Schema) throws -> any SampleBatches {
    try batches(of: file, rows: rows, keeping: rowNames, like: schema)
  }

  /// The file's name, and where it has several samples which of them: what rows are known by.
  package var rowNames: [String] { ["path"] + (clipName.map { [$0] } ?? []) }
  package var clipName: String? { settings.clips > 1 ? listedClip : nil }

  package func notes(on preparation: String) -> [String] {
    guard let fitted = try? Content.Fitted(json: preparation), fitted.decoder != fitted.decoderNow else { return [] }
    return [
      "\(Content.kind.plural) are decoded by \(fitted.decoderNow), those of training were by \(fitted.decoder): "
        + "their numbers may differ"
    ]
  }

  package func batches(
    of file: String, rows: Int, keeping columns: [String], like schema: Schema
  ) throws -> any SampleBatches {
    let others = columns.filter { !rowNames.contains($0) }
    let fitted = try fitted(schema)
    let files = try LooseFiles<Content.Maker>(file, settings, fitted, withTargets: false, keeping: others)
    return ListedBatches(files, rows: rows, columns: columns, others: others) { items in
      let (shape, features) = try samples(of: items, fitted, source: file)
      return Dataset(source: file, shape: shape, features: features, targets: .none, preparation: schema.preparation)
    }
  }
}

/// The column that tells which sample of a file a row is.
private let listedClip = "clip"

/// Files to be predicted, some at a time.
private final class ListedBatches<Maker: LooseMaker>: SampleBatches {
  private let files: LooseFiles<Maker>
  private let rows: Int
  private let columns: [String]
  private let others: [String]
  private let samples: ([Maker.Item]) throws -> Dataset

  init(
    _ files: LooseFiles<Maker>, rows: Int, columns: [String], others: [String],
    samples: @escaping ([Maker.Item]) throws -> Dataset
  ) {
    (self.files, self.rows, self.columns, self.others, self.samples) = (files, rows, columns, others, samples)
  }

  func next() throws -> SampleBatch? {
    guard let batch = try files.next(most: rows) else { return nil }
    let kept = columns.map { column in
      others.firstIndex(of: column).map { batch.kept[$0] }
        ?? (column == listedClip ? batch.clips.map { "\($0)" } : batch.names.map { Optional($0) })
    }
    var rows = SampleBatch(
      batch.items.isEmpty ? nil : try samples(batch.items), rows: batch.count, problems: batch.problems, kept: kept)
    // The first of each file is numbered 1.
    var file = -1
    rows.files = batch.clips.map { clip in
      if clip == 1 { file += 1 }
      return file
    }
    return rows
  }

  func skip() throws -> Int { try files.skip(most: rows) }
}
