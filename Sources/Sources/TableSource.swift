import Configuration
import Datasets
import Diagnostics
import Files
import Formats
import Preparation
import Synchronization
import Tables
import Tensors

/// Columns of any kind, from files or a database, made features: read once, divided, fitted to the training rows alone.
public struct TableSource: Source {
  public static let kind = "table"
  public static let summary =
    "columns of any kind from files or databases, divided, and prepared by what training rows tell"
  public static var pathSettings: [String] {
    tableFormatKinds.all.flatMap { format in format.pathSettings.map { "source.\(format.kind).\($0)" } }
  }

  package let settings: TableSettings
  private let cache = Cache()

  /// What was prepared last.
  private final class Cache: Sendable {
    let prepared = Mutex<(seed: UInt64, table: PreparedTable)?>(nil)
  }

  public init(_ settings: ConfigReader) throws { self.settings = try TableSettings(settings) }

  private init(_ settings: TableSettings) { self.settings = settings }

  public func keeping(words: [String], numbers: [String]) -> (any Source)? {
    TableSource(settings.keeping(words: words, numbers: numbers))
  }

  public var isPrepared: Bool { true }

  /// The prepared table: made, or found.
  package func prepared(seed: UInt64) throws -> PreparedTable {
    try cache.prepared.withLock { known in
      if let known, known.seed == seed { return known.table }
      let table = try TablePreparer(settings, seed: seed).prepared()
      known = (seed, table)
      return table
    }
  }

  public var preparationFolder: String? { settings.directory }

  public func preparedFolder(ofRaw digest: String, seed: UInt64) -> String? {
    settings.prepared ?? TablePreparer(settings, seed: seed).directory(ofRaw: digest)
  }

  public func preparedName(seed: UInt64) throws -> String? {
    try prepared(seed: seed).directory.split(separator: "/").last.map(String.init)
  }

  public func take(prepared name: String, seed: UInt64) throws {
    let table = try TablePreparer(settings, seed: seed).prepared(as: name)
    cache.prepared.withLock { known in if let table { known = (seed, table) } }
  }

  public func prepare(seed: UInt64) throws -> String? { try prepared(seed: seed).report(settings) }

  public func writeParts(seed: UInt64, to file: OutputFile) throws -> Bool {
    try TablePreparer(settings, seed: seed).writeParts(to: file)
    return true
  }

  public func ends(of preparation: String) throws -> NetworkEnds { try ends(of: FittedTable(json: preparation)) }

  private func ends(of fitted: FittedTable) throws -> NetworkEnds {
    let scale = fitted.targetScales.map { scales in
      TargetScale(scale: scales.map { Float($0.scale) }, offset: scales.map { Float($0.offset) })
    }
    let maker = try FeatureMaker(fitted, settings)
    let (embeddings, tokens) = (maker.embeddings, maker.tokens)
    guard let outputs = fitted.outputs, outputs.count == settings.targets.count else {
      return NetworkEnds(embeddings: embeddings, targetScale: scale, tokens: tokens)
    }
    var parts: [OutputPart] = []
    for (name, output) in zip(settings.targets, outputs) {
      let first = parts.last?.range.upperBound ?? 0
      let range = first..<first + (output.classes?.count ?? 1)
      let (scale, offset) = (
        max(Float(output.scale?.scale ?? 1), .leastNormalMagnitude), Float(output.scale?.offset ?? 0)
      )
      parts.append(OutputPart(name: name, classes: output.classes, range: range, scale: scale, offset: offset))
    }
    let units = TargetScale(
      scale: parts.flatMap { part in part.range.map { _ in part.scale } },
      offset: parts.flatMap { part in part.range.map { _ in part.offset } })
    return NetworkEnds(embeddings: embeddings, targetScale: units, outputs: parts, tokens: tokens)
  }

  public func links(seed: UInt64) throws -> [SourceLink] {
    let summary = try prepared(seed: seed).summary
    return [
      SourceLink("raw", output: summary.raw, inputs: summary.sources), SourceLink("schema", output: summary.schema),
      SourceLink("split", output: summary.split), SourceLink("transform", output: summary.transform),
      SourceLink("prepared", output: summary.prepared),
    ]
  }

  public func read(_ part: Dataset.Part, seed: UInt64, like schema: Schema?) throws -> Dataset? {
    try dataset(part == .train ? .train : .test, seed, like: schema)
  }

  public func readValidation(seed: UInt64, like schema: Schema) throws -> Dataset? {
    try dataset(.validation, seed, like: schema)
  }

  private func dataset(_ part: Preparation.Part, _ seed: UInt64, like schema: Schema?) throws -> Dataset? {
    let table = try prepared(seed: seed)
    if let kept = schema?.preparation, kept != table.preparationText {
      throw Failure(
        .badData, at: table.directory, "expected the rows that the model was fitted to, found others",
        cure: "name the data that the model was trained on, or measure it on a file: --data FILE")
    }
    guard let rows = table[part] else { return nil }
    let targets: Dataset.Targets =
      switch rows.targets {
      case .classes(let classes): .mappedClasses(classes, names: table.preparation.classes ?? [])
      case .values(let values): .mappedValues(values, width: settings.targets.count)
      }
    return Dataset(
      source: "\(table.directory)/\(part)", shape: [table.featureNames.count],
      features: .mapped(rows.features), targets: targets,
      featureNames: table.featureNames, targetNames: settings.targets,
      weights: rows.weights.map(Dataset.Weights.mapped),
      preparation: table.preparationText, ends: try ends(of: table.preparation),
      auxiliary: auxiliary { place in
        switch rows.auxiliary[place] {
        case .words(let codes, let words): .mappedWords(codes, words)
        case .numbers(let numbers): .mappedNumbers(numbers)
        }
      })
  }

  public func read(labelled file: String, targets: String?, like schema: Schema) throws -> Dataset {
    try requireNone(targets)
    let rows = try RawRows(file, settings, fitted(schema), withTargets: true)
    var (features, classes, values, weights) = ([Float](), [Int32](), [Float](), [Float]())
    var others: [CodedColumn] = []
    while let batch = try rows.next(most: 16_384) {
      features += batch.features
      classes += batch.classes
      values += batch.values
      weights += batch.weights
      others = others.isEmpty ? batch.auxiliary : zip(others, batch.auxiliary).map { $0.appending($1) }
    }
    try rows.aside.requireFew(atMost: settings.quarantineAtMost, source: file)
    let names = rows.maker.names
    return Dataset(
      source: file, shape: [names.count], features: .floats(features),
      targets: schema.classes.map { .classes(classes, names: $0) } ?? .values(values, width: settings.targets.count),
      featureNames: names, targetNames: settings.targets, weights: settings.weight.map { _ in .floats(weights) },
      preparation: schema.preparation,
      auxiliary: others.isEmpty
        ? [:]
        : auxiliary { place in
          switch others[place] {
          case .codes(let codes): .words(codes, rows.auxiliaryWords[place])
          case .numbers(let numbers): .numbers(numbers.map { Float($0) })
          case .texts, .instants, .vectors: nil
          }
        })
  }

  /// The columns that figures look at, by name: words, where one is kept as both.
  private func auxiliary(_ column: (_ place: Int) -> AuxiliaryColumn?) -> [String: AuxiliaryColumn] {
    let found = settings.auxiliary.indices.compactMap { place in
      column(place).map { (settings.auxiliary[place].name, $0) }
    }
    return Dictionary(found) { first, _ in first }
  }

  public func batches(of file: String, rows: Int, like schema: Schema) throws -> any SampleBatches {
    try batches(of: file, rows: rows, keeping: [], like: schema)
  }

  public func batches(
    of file: String, rows: Int, keeping columns: [String], like schema: Schema
  ) throws -> any SampleBatches {
    let raw = try RawRows(file, settings, fitted(schema), withTargets: false, keeping: columns)
    return Batches(raw, file: file, rows: rows, schema)
  }

  public func columns(of samples: Dataset) -> [(name: String, features: Range<Int>)] {
    guard let fitted = samples.preparation.flatMap({ try? FittedTable(json: $0) }),
      let maker = try? FeatureMaker(fitted, settings)
    else { return [] }
    return zip(settings.columns, maker.ranges).map { ($0.name, $1) }
  }

  public func readsAlike(_ file: String) -> Bool { RawRows.areSteady(file, settings) }

  func fitted(_ schema: Schema) throws -> FittedTable {
    guard let text = schema.preparation else {
      throw Failure(
        .badData, "expected what was fitted to the table's columns, found none", cure: "use another checkpoint")
    }
    return try FittedTable(json: text)
  }

  /// Rows of a file, some at a time.
  private final class Batches: SampleBatches {
    private let raw: RawRows
    private let file: String
    private let rows: Int
    private let schema: Schema

    init(_ raw: RawRows, file: String, rows: Int, _ schema: Schema) {
      (self.raw, self.file, self.rows, self.schema) = (raw, file, rows, schema)
    }

    var counts: [Int] { raw.counts }
    func findings(of counts: [Int]) -> [String] { raw.findings(of: counts) }
    func skip() throws -> Int { try raw.skip(most: rows) }

    func next() throws -> SampleBatch? {
      guard let batch = try raw.next(most: rows) else { return nil }
      let names = raw.maker.names
      let samples =
        batch.features.isEmpty
        ? nil
        : Dataset(
          source: file, shape: [names.count], features: .floats(batch.features), targets: .none, featureNames: names,
          preparation: schema.preparation)
      return SampleBatch(samples, rows: batch.count, problems: batch.problems, kept: batch.kept)
    }
  }
}
