import Datasets
import Diagnostics
import Files
import Preparation
import Synchronization
import Tables
import Tensors

/// A source of listed files that are prepared: what those of pictures and of sounds do alike.
package protocol ListedSource: Source {
  associatedtype Content: ListedContent
  var settings: Content { get }
  var store: ListedStore<Content> { get }

  /// The samples of a part of what was prepared; nil where there are none.
  func samples(of part: Preparation.Part, in prepared: Content.Prepared) throws -> (Shape, Dataset.Features)?
  /// The samples of files that are not; of a source that messages call so.
  func samples(
    of items: [Content.Maker.Item], _ fitted: Content.Fitted, source: String
  ) throws -> (Shape, Dataset.Features)
}

/// What was prepared last.
package final class ListedStore<Content: ListedContent>: Sendable {
  private let settings: Content
  private let cache = Mutex<(seed: UInt64, files: Content.Prepared)?>(nil)

  init(_ settings: Content) { self.settings = settings }

  /// What was prepared: made, or found.
  package func prepared(seed: UInt64) throws -> Content.Prepared {
    try cache.withLock { known in
      if let known, known.seed == seed { return known.files }
      let files = try ListedPreparer(settings, seed: seed).prepared()
      known = (seed, files)
      return files
    }
  }

  func take(_ name: String, seed: UInt64) throws {
    guard let files = try ListedPreparer(settings, seed: seed).prepared(as: name) else { return }
    cache.withLock { $0 = (seed, files) }
  }
}

extension ListedSource {
  package var standardisesChannels: Bool { true }
  package var tellsProblems: Bool { true }
  package var preparationFolder: String? { settings.files.directory }

  package func preparedFolder(ofRaw digest: String, seed: UInt64) -> String? {
    settings.files.prepared ?? ListedPreparer(settings, seed: seed).directory(ofRaw: digest)
  }

  package func preparedName(seed: UInt64) throws -> String? {
    try store.prepared(seed: seed).directory.split(separator: "/").last.map(String.init)
  }

  package func take(prepared name: String, seed: UInt64) throws { try store.take(name, seed: seed) }

  package func prepare(seed: UInt64) throws -> String? { try store.prepared(seed: seed).report() }

  /// A row a file, part by part: each is a source of one row.
  package func writeParts(seed: UInt64, to file: OutputFile) throws -> Bool {
    let prepared = try store.prepared(seed: seed)
    try file.write(TablePreparer.partsHeader)
    for part in Preparation.Part.allCases {
      for name in prepared.names(of: part) { try file.write("\(quotedCell(name)),1,\(part)\n") }
    }
    return true
  }

  package func links(seed: UInt64) throws -> [SourceLink] {
    let prepared = try store.prepared(seed: seed)
    let summary = prepared.summary
    return [
      SourceLink("raw", output: summary.raw, inputs: summary.sources),
      SourceLink("schema", output: Digest(of: settings.files.identity).description),
      SourceLink("split", output: summary.split),
      SourceLink("transform", output: Digest(of: prepared.fittedText).description, inputs: [prepared.fitted.decoder]),
      SourceLink("prepared", output: summary.prepared),
    ]
  }

  package func read(_ part: Dataset.Part, seed: UInt64, like schema: Schema?) throws -> Dataset? {
    try dataset(part == .train ? .train : .test, seed, like: schema)
  }

  package func readValidation(seed: UInt64, like schema: Schema) throws -> Dataset? {
    try dataset(.validation, seed, like: schema)
  }

  private func dataset(_ part: Preparation.Part, _ seed: UInt64, like schema: Schema?) throws -> Dataset? {
    let prepared = try store.prepared(seed: seed)
    if let kept = schema?.preparation, kept != prepared.fittedText {
      let known = try Content.Fitted(json: kept)
      throw Failure(
        .badData, at: prepared.directory,
        "expected \(Content.kind.plural) that become what the model was trained on (\(known.summary)), found others "
          + "(\(prepared.fitted.summary))",
        cure: "name the data that the model was trained on, or measure it on others: --data FOLDER")
    }
    guard let rows = prepared.parts[part], let (shape, features) = try samples(of: part, in: prepared) else {
      return nil
    }
    let targets: Dataset.Targets =
      switch rows.targets {
      case .classes(let classes): .mappedClasses(classes, names: prepared.fitted.classes ?? [])
      case .values(let values): .mappedValues(values, width: settings.files.targets.count)
      }
    return Dataset(
      source: "\(prepared.directory)/\(part)", shape: shape, features: features, targets: targets,
      targetNames: settings.files.targets, preparation: prepared.fittedText,
      files: settings.clips > 1 ? prepared.files(of: part) : nil)
  }

  func fitted(_ schema: Schema) throws -> Content.Fitted {
    guard let text = schema.preparation else {
      throw Failure(
        .badData, "expected how \(Content.kind.plural) become samples, found nothing", cure: "use another checkpoint")
    }
    return try Content.Fitted(json: text)
  }
}
