import Diagnostics
import Files
import Formats
import Foundation
import Host
import Pictures
import Tables
import Tensors

/// Lists pictures, looks at each of them once, divides them, and packs them into shards, or finds that done.
package struct PicturePreparer {
  package let settings: PictureSettings
  package let seed: UInt64
  private let cores: [Int]

  /// On `cores`; nil: all that the ranks of this host have.
  package init(_ settings: PictureSettings, seed: UInt64, cores: [Int]? = nil) {
    (self.settings, self.seed) = (settings, seed)
    self.cores = cores ?? ProcessorCores.shared(environment: ProcessInfo.processInfo.environment)
  }

  private var folders: PreparedFolders {
    PreparedFolders(
      directory: settings.directory, noun: "pictures", identity: "\(settings.packing)\nseed=\(seed)\nformat=pictures-1")
  }

  /// The prepared pictures: of the same ones, settings and seed always the same bytes.
  ///
  /// Where names, sizes and times of all files are what they were, they are not read again.
  package func prepared() throws -> PreparedPictures {
    if let conflict = settings.conflict { throw conflict }
    if let folder = settings.prepared {
      try folders.require(folder, raw: PreparedPictures.summary(of: folder)?.raw)
      return try opened(folder)
    }
    return try folders.prepared(
      states: settings.source.states, source: { try settings.source.table.sources().first }, open: opened, fill: fill)
  }

  /// What another rank has prepared, by the name of its folder; nil where it is not on this rank's disks.
  package func prepared(as name: String) throws -> PreparedPictures? {
    let directory = "\(settings.directory)/\(name)"
    return exists(directory) ? try opened(directory) : nil
  }

  private func opened(_ directory: String, isNew: Bool = false) throws -> PreparedPictures {
    let pictures = try PreparedPictures(directory, settings, isNew: isNew)
    try pictures.summary.aside.requireFew(atMost: settings.quarantineAtMost, source: directory)
    return pictures
  }

  /// Where it is kept what becomes of raw data of a digest, `sha256:…`.
  package func directory(ofRaw digest: String) -> String { folders.path(ofRaw: digest) }

  /// Packs everything into a folder; returns the digest of what is raw.
  private func fill(_ directory: String) throws -> String {
    let (files, collected) = (PreparedPictures.FileNames(directory), "\(directory)/collected")
    let team = CoreTeam(cores: cores)
    let packer = try PicturePacker(settings.source, targets: settings.targets, into: directory, cores: cores)
    let collector = Collector(
      PackedFormat(packer), columns: settings.requests, required: Set(settings.targets),
      missing: settings.source.missing, quarantineAtMost: settings.quarantineAtMost, memory: 512 << 20)
    let (table, aside) = try collector.collect(into: collected, by: team)
    let sources = packer.finish()
    let raw = Digest(
      of: ([try settings.source.listed(by: settings.split) ?? ""] + sources).map { "\($0)\n" }.joined()
    ).description
    let divided = try DividedTable(
      table, by: settings.split, targets: settings.targetRequests, seed: seed, memory: 512 << 20, team)
    let index = try packer.shards.finish()
    let writer = try PicturePartWriter(divided, settings, files)
    let digests = try [index, Digest(of: "\(writer.classes ?? [])")] + writer.write()
    let summary = PreparedPictures.Summary(
      raw: raw, split: divided.digest.description, prepared: PreparedPictures.joined(digests), classes: writer.classes,
      areGrey: packer.areGrey, size: packer.size.map { [$0.height, $0.width] },
      rows: Dictionary(uniqueKeysWithValues: Part.allCases.map { ("\($0)", divided.count(of: $0)) }), aside: aside,
      sources: sources, shards: packer.shards.sizes)
    try sortedJSON(summary).write(toRunFile: files.summary)
    guard rename("\(collected)/quarantine.csv", files.quarantine) == 0 else {
      throw Failure.system("rename", files.quarantine, errno: errno)
    }
    try folders.remove(collected)
    return raw
  }
}

extension PictureSettings {
  var targetRequests: [ColumnRequest] { targets.map { ColumnRequest($0, predictsNumbers ? .numbers : .words) } }

  /// All that is to be collected, each once.
  var requests: [ColumnRequest] {
    let own = [ColumnRequest(PicturePacker.column, .numbers), ColumnRequest(source.path, .texts)]
    return (own + targetRequests + split.columns).reduce(into: []) { all, request in
      if !all.contains(request) { all.append(request) }
    }
  }
}
