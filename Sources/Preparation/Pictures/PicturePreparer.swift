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

  /// The prepared pictures: of the same ones, settings and seed always the same bytes.
  ///
  /// Where names, sizes and times of all files are what they were, they are not read again.
  package func prepared() throws -> PreparedPictures {
    if let conflict = settings.conflict { throw conflict }
    if let folder = settings.prepared { return try taken(folder) }
    let states = try settings.source.states()
    if let known = try known(states) { return known }
    try makeDirectories(settings.directory, cure: TablePreparer.elsewhere)
    let (new, growth) = ("\(settings.directory)/new-pictures", FolderGrowth(settings.directory))
    return try FolderLock.held("\(new).lock", whileWaiting: { if growth.hasGrown { SignsOfLife.note() } }) {
      if let known = try known(states) { return known }
      let partial = "\(new).partial"
      let directory = directory(ofRaw: try prepare(in: partial))
      guard try settings.source.states() == states else {
        try remove(partial)
        throw Failure(
          .badData, at: try settings.source.table.sources().first,
          "expected pictures that stay as they are while they are read, found them written to",
          cure: "start again when they are whole")
      }
      let isThere = exists(directory)
      if isThere { try remove(partial) }
      guard isThere || rename(partial, directory) == 0 else { throw Failure.system("rename", directory, errno: errno) }
      try (directory.split(separator: "/").last.map(String.init) ?? "").write(toRunFile: listing(states))
      return try opened(directory, isNew: !isThere)
    }
  }

  /// What another rank has prepared, by the name of its folder; nil where it is not on this rank's disks.
  package func prepared(as name: String) throws -> PreparedPictures? {
    let directory = "\(settings.directory)/\(name)"
    return exists(directory) ? try opened(directory) : nil
  }

  /// What was prepared of files in these states; nil where nothing was.
  private func known(_ states: Digest) throws -> PreparedPictures? {
    guard let name = try? String(contentsOfFile: listing(states), encoding: .utf8), !name.contains("/") else {
      return nil
    }
    return try prepared(as: name)
  }

  /// The file that tells what was prepared of files in these states.
  private func listing(_ states: Digest) -> String {
    "\(settings.directory)/\(name(of: "states \(states)")).listing"
  }

  private func opened(_ directory: String, isNew: Bool = false) throws -> PreparedPictures {
    let pictures = try PreparedPictures(directory, settings, isNew: isNew)
    try pictures.summary.aside.requireFew(atMost: settings.quarantineAtMost, source: directory)
    return pictures
  }

  /// Where it is kept what becomes of raw data of a digest, `sha256:…`.
  package func directory(ofRaw digest: String) -> String { "\(settings.directory)/\(name(of: digest))" }

  private func name(of raw: String) -> String {
    String(Digest(of: "\(raw)\n\(settings.packing)\nseed=\(seed)\nformat=pictures-1").hex.prefix(16))
  }

  /// Takes what lies in a folder, whatever has become of the pictures.
  private func taken(_ folder: String) throws -> PreparedPictures {
    guard exists(folder) else {
      throw Failure(
        .missingInput, at: folder, "expected prepared pictures, found none", cure: "prepare them from the raw data")
    }
    guard let summary = PreparedPictures.summary(of: folder),
      folder.split(separator: "/").last.map(String.init) == name(of: summary.raw)
    else {
      throw Failure(
        .badData, at: folder,
        "expected pictures prepared by these settings and this seed, under the name that they got, found others",
        cure: "prepare them from the raw data")
    }
    return try opened(folder)
  }

  private func remove(_ partial: String) throws {
    do { try FileManager.default.removeItem(atPath: partial) } catch {
      throw Failure(
        .inputOutput, at: partial, "expected to remove what a stopped run has left, found that not permitted",
        cure: "delete it, or name another folder (keep-under)")
    }
  }

  /// Packs everything into a folder, which is gone where that fails; returns the digest of what is raw.
  private func prepare(in partial: String) throws -> String {
    if exists(partial) { try remove(partial) }
    return try TemporaryPaths.holding(partial) {
      try makeDirectories("\(partial)/collected", cure: TablePreparer.elsewhere)
      do {
        return try SignsOfLife.telling({ [settings] in FolderGrowth.touch(settings.directory) }) { try fill(partial) }
      } catch {
        try? FileManager.default.removeItem(atPath: partial)
        throw error
      }
    }
  }

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
    try remove(collected)
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
