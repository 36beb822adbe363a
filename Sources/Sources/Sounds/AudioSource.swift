import Configuration
import Datasets
import Diagnostics
import Files
import Formats
import Preparation
import Synchronization
import Tables
import Tensors

/// Sounds in folders, a folder a class, named by a table, or in tar archives: decoded once, and made features.
public struct AudioSource: Source {
  public static let kind = "audio"
  public static let summary =
    "WAV, FLAC, OGG and AIFF files in folders, a folder a class, named by a table, or in tar archives; made features once"
  public static var pathSettings: [String] {
    ["train", "validation", "test", "root"]
      + tableFormatKinds.all.flatMap { format in format.pathSettings.map { "source.\(format.kind).\($0)" } }
  }

  package let settings: SoundSettings
  private let cache = Cache()

  /// What was prepared last.
  private final class Cache: Sendable {
    let sounds = Mutex<(seed: UInt64, sounds: PreparedSounds)?>(nil)
  }

  public init(_ settings: ConfigReader) throws {
    self.settings = try SoundSettings(settings, operational: Self.pathSettings, listing: Self.listing)
  }

  /// The prepared sounds: made, or found.
  package func prepared(seed: UInt64) throws -> PreparedSounds {
    try cache.sounds.withLock { known in
      if let known, known.seed == seed { return known.sounds }
      let sounds = try SoundPreparer(settings, seed: seed).prepared()
      known = (seed, sounds)
      return sounds
    }
  }

  public var standardisesChannels: Bool { true }
  public var tellsProblems: Bool { true }
  public var preparationFolder: String? { settings.directory }

  public func preparedFolder(ofRaw digest: String, seed: UInt64) -> String? {
    settings.prepared ?? SoundPreparer(settings, seed: seed).directory(ofRaw: digest)
  }

  public func preparedName(seed: UInt64) throws -> String? {
    try prepared(seed: seed).directory.split(separator: "/").last.map(String.init)
  }

  public func take(prepared name: String, seed: UInt64) throws {
    guard let sounds = try SoundPreparer(settings, seed: seed).prepared(as: name) else { return }
    cache.sounds.withLock { $0 = (seed, sounds) }
  }

  public func prepare(seed: UInt64) throws -> String? { try prepared(seed: seed).report() }

  /// A row a sound, part by part: each is a source of one row.
  public func writeParts(seed: UInt64, to file: OutputFile) throws -> Bool {
    let prepared = try prepared(seed: seed)
    try file.write(TablePreparer.partsHeader)
    for part in Preparation.Part.allCases {
      for name in prepared.names(of: part) { try file.write("\(quotedCell(name)),1,\(part)\n") }
    }
    return true
  }

  public func links(seed: UInt64) throws -> [SourceLink] {
    let prepared = try prepared(seed: seed)
    let summary = prepared.summary
    return [
      SourceLink("raw", output: summary.raw, inputs: summary.sources),
      SourceLink("schema", output: Digest(of: settings.identity).description),
      SourceLink("split", output: summary.split),
      SourceLink("transform", output: Digest(of: prepared.fittedText).description, inputs: [prepared.fitted.decoder]),
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
    let prepared = try prepared(seed: seed)
    if let kept = schema?.preparation, kept != prepared.fittedText {
      let known = try FittedSounds(json: kept)
      throw Failure(
        .badData, at: prepared.directory,
        "expected sounds that become what the model was trained on (\(known.summary)), found others "
          + "(\(prepared.fitted.summary))",
        cure: "name the data that the model was trained on, or measure it on others: --data FOLDER")
    }
    guard let rows = prepared[part] else { return nil }
    let targets: Dataset.Targets =
      switch rows.targets {
      case .classes(let classes): .mappedClasses(classes, names: prepared.fitted.classes ?? [])
      case .values(let values): .mappedValues(values, width: settings.targets.count)
      }
    let form = prepared.fitted.form
    return Dataset(
      source: "\(prepared.directory)/\(part)", shape: [form.frames, form.width], features: .mapped(rows.features),
      targets: targets, targetNames: settings.targets, preparation: prepared.fittedText)
  }

  func fitted(_ schema: Schema) throws -> FittedSounds {
    guard let text = schema.preparation else {
      throw Failure(.badData, "expected how sounds become samples, found nothing", cure: "use another checkpoint")
    }
    return try FittedSounds(json: text)
  }
}
