import Diagnostics
import Files
import Formats
import Foundation
import Host
import Tables
import Tensors

/// Lists files, looks at each of them once, divides them, and keeps what becomes of them, or finds that done.
package struct ListedPreparer<Content: ListedContent> {
  package let settings: Content
  package let seed: UInt64
  private let cores: [Int]
  private var files: ListedSettings { settings.files }

  /// On `cores`; nil: all that the ranks of this host have.
  package init(_ settings: Content, seed: UInt64, cores: [Int]? = nil) {
    (self.settings, self.seed) = (settings, seed)
    self.cores = cores ?? ProcessorCores.shared(environment: ProcessInfo.processInfo.environment)
  }

  private var folders: PreparedFolders {
    let plural = Content.kind.plural
    return PreparedFolders(
      directory: files.directory, noun: plural,
      identity: "\(settings.keptIdentity)\nseed=\(seed)\nformat=\(plural)-1")
  }

  /// What was prepared: of the same files, settings and seed always the same bytes.
  ///
  /// Where names, sizes and times of all files are what they were, they are not read again.
  package func prepared() throws -> Content.Prepared {
    if let conflict = files.conflict { throw conflict }
    if let folder = files.prepared {
      try folders.require(folder, raw: Content.Prepared.summary(of: folder)?.raw)
      return try opened(folder)
    }
    return try folders.prepared(
      states: { try files.source.states() }, source: { try files.source.table.sources().first },
      open: { try opened($0, isNew: $1) }, fill: { try fill($0) })
  }

  /// What another rank has prepared, by the name of its folder; nil where it is not on this rank's disks.
  package func prepared(as name: String) throws -> Content.Prepared? {
    let directory = "\(files.directory)/\(name)"
    return exists(directory) ? try opened(directory) : nil
  }

  private func opened(_ directory: String, isNew: Bool = false) throws -> Content.Prepared {
    let found: Content.Prepared
    do { found = try settings.opened(directory, isNew: isNew) } catch let failure as Failure {
      // An array that is no whole one any more is of no use by itself.
      let (text, end) = (failure.description, ".npy: ")
      guard failure.code == .badData, text.hasPrefix("\(directory)/"), let ending = text.range(of: end) else {
        throw failure
      }
      let file = text[..<ending.lowerBound] + ".npy"
      throw Failure(
        .badData, at: String(file), "expected what was prepared, found a file that is damaged or cut short",
        cure: "delete the folder, and prepare once more")
    }
    try found.summary.aside.requireFew(atMost: files.quarantineAtMost, source: directory)
    return found
  }

  /// Where it is kept what becomes of raw data of a digest, `sha256:…`.
  package func directory(ofRaw digest: String) -> String { folders.path(ofRaw: digest) }

  /// Packs everything into a folder; returns the digest of what is raw.
  private func fill(_ directory: String) throws -> String {
    let (kept, collected) = (KeptNames(directory), "\(directory)/collected")
    let team = CoreTeam(cores: cores)
    let packer = FilePacker(files, onto: try settings.shelf(in: directory), cores: cores)
    let collector = Collector(
      PackedFormat(packer), columns: files.requests(with: Content.Shelf.columns), required: Set(files.targets),
      missing: files.source.missing, quarantineAtMost: files.quarantineAtMost, memory: 512 << 20)
    let (table, aside) = try collector.collect(into: collected, by: team)
    let sources = packer.finish()
    let raw = Digest(
      of: ([try files.source.listed(by: files.split) ?? ""] + sources).map { "\($0)\n" }.joined()
    ).description
    let divided = try DividedTable(
      table, by: files.split, targets: files.targetRequests, seed: seed, memory: 512 << 20, team)
    let packed = PackedFiles(
      raw: raw, split: divided.digest.description,
      rows: Dictionary(uniqueKeysWithValues: Part.allCases.map { ("\($0)", divided.count(of: $0)) }), aside: aside,
      sources: sources)
    let parts = try ListedParts(divided, files, Content.kind, in: directory)
    try sortedJSON(settings.keep(parts, of: packer.shelf, packed)).write(toRunFile: kept.summary)
    guard rename("\(collected)/quarantine.csv", kept.quarantine) == 0 else {
      throw Failure.system("rename", kept.quarantine, errno: errno)
    }
    try folders.remove(collected)
    return raw
  }
}
