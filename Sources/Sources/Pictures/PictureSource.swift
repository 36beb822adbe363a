import Datasets
import Diagnostics
import Files
import Preparation
import Synchronization
import Tables
import Tensors

/// A source of pictures that are prepared in shards; what all of its kinds do alike.
public protocol PictureSource: Source {
  var settings: PictureSettings { get }
  var pictures: PictureStore { get }
}

/// What was prepared last.
public final class PictureStore: Sendable {
  private let settings: PictureSettings
  private let cache = Mutex<(seed: UInt64, pictures: PreparedPictures)?>(nil)

  init(_ settings: PictureSettings) { self.settings = settings }

  /// The prepared pictures: made, or found.
  package func prepared(seed: UInt64) throws -> PreparedPictures {
    try cache.withLock { known in
      if let known, known.seed == seed { return known.pictures }
      let pictures = try PicturePreparer(settings, seed: seed).prepared()
      known = (seed, pictures)
      return pictures
    }
  }

  func take(_ name: String, seed: UInt64) throws {
    guard let pictures = try PicturePreparer(settings, seed: seed).prepared(as: name) else { return }
    cache.withLock { $0 = (seed, pictures) }
  }
}

extension PictureSource {
  public var standardisesChannels: Bool { true }
  public var tellsProblems: Bool { true }
  public var preparationFolder: String? { settings.directory }

  public func preparedFolder(ofRaw digest: String, seed: UInt64) -> String? {
    settings.prepared ?? PicturePreparer(settings, seed: seed).directory(ofRaw: digest)
  }

  public func preparedName(seed: UInt64) throws -> String? {
    try pictures.prepared(seed: seed).directory.split(separator: "/").last.map(String.init)
  }

  public func take(prepared name: String, seed: UInt64) throws { try pictures.take(name, seed: seed) }

  public func prepare(seed: UInt64) throws -> String? { try pictures.prepared(seed: seed).report(settings) }

  /// A row a picture, part by part: each is a source of one row.
  public func writeParts(seed: UInt64, to file: OutputFile) throws -> Bool {
    let prepared = try pictures.prepared(seed: seed)
    try file.write(TablePreparer.partsHeader)
    for part in Preparation.Part.allCases {
      for sample in 0..<(prepared[part]?.count ?? 0) {
        try file.write("\(quotedCell(prepared.name(sample, of: part))),1,\(part)\n")
      }
    }
    return true
  }

  public func links(seed: UInt64) throws -> [SourceLink] {
    let prepared = try pictures.prepared(seed: seed)
    let summary = prepared.summary
    return [
      SourceLink("raw", output: summary.raw, inputs: summary.sources),
      SourceLink("schema", output: Digest(of: settings.identity).description),
      SourceLink("split", output: summary.split),
      SourceLink(
        "transform", output: Digest(of: prepared.fittedText).description, inputs: [prepared.fitted.decoder]),
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
    let prepared = try pictures.prepared(seed: seed)
    if let kept = schema?.preparation, kept != prepared.fittedText {
      let known = try FittedPictures(json: kept)
      throw Failure(
        .badData, at: prepared.directory,
        "expected pictures that become what the model was trained on (\(known.summary)), found others "
          + "(\(prepared.fitted.summary))",
        cure: "name the data that the model was trained on, or measure it on others: --data FOLDER")
    }
    guard let rows = prepared[part] else { return nil }
    let targets: Dataset.Targets =
      switch rows.targets {
      case .classes(let classes): .mappedClasses(classes, names: prepared.fitted.classes ?? [])
      case .values(let values): .mappedValues(values, width: settings.targets.count)
      }
    let samples = PackedSamples(prepared, rows, try prepared.fitted.form)
    return Dataset(
      source: "\(prepared.directory)/\(part)", shape: samples.shape, features: .decoded(samples), targets: targets,
      targetNames: settings.targets, preparation: prepared.fittedText)
  }

  func fitted(_ schema: Schema) throws -> FittedPictures {
    guard let text = schema.preparation else {
      throw Failure(
        .badData, "expected how pictures become samples, found nothing", cure: "use another checkpoint")
    }
    return try FittedPictures(json: text)
  }
}

extension ImagesSource: PictureSource {}
