import Diagnostics
import Files
import Formats
import Foundation
import Host
import Sounds
import Tables
import Tensors

/// Lists sounds, decodes each of them once, makes features of its clips and divides them, or finds that done.
package struct SoundPreparer {
  package let settings: SoundSettings
  package let seed: UInt64
  private let cores: [Int]

  /// On `cores`; nil: all that the ranks of this host have.
  package init(_ settings: SoundSettings, seed: UInt64, cores: [Int]? = nil) {
    (self.settings, self.seed) = (settings, seed)
    self.cores = cores ?? ProcessorCores.shared(environment: ProcessInfo.processInfo.environment)
  }

  private var folders: PreparedFolders {
    PreparedFolders(
      directory: settings.directory, noun: "sounds",
      identity: "\(settings.identity)\ndecoder=\(SoundFile.version)\nseed=\(seed)\nformat=sounds-1")
  }

  /// The prepared sounds: of the same ones, settings and seed always the same bytes.
  ///
  /// Where names, sizes and times of all files are what they were, they are not read again.
  package func prepared() throws -> PreparedSounds {
    if let conflict = settings.conflict { throw conflict }
    if let folder = settings.prepared {
      try folders.require(folder, raw: PreparedSounds.summary(of: folder)?.raw)
      return try opened(folder)
    }
    return try folders.prepared(
      states: settings.source.states, source: { try settings.source.table.sources().first }, open: opened, fill: fill)
  }

  /// What another rank has prepared, by the name of its folder; nil where it is not on this rank's disks.
  package func prepared(as name: String) throws -> PreparedSounds? {
    let directory = "\(settings.directory)/\(name)"
    return exists(directory) ? try opened(directory) : nil
  }

  private func opened(_ directory: String, isNew: Bool = false) throws -> PreparedSounds {
    let sounds = try PreparedSounds(directory, settings, isNew: isNew)
    try sounds.summary.aside.requireFew(atMost: settings.quarantineAtMost, source: directory)
    return sounds
  }

  /// Where it is kept what becomes of raw data of a digest, `sha256:…`.
  package func directory(ofRaw digest: String) -> String { folders.path(ofRaw: digest) }

  /// Makes everything in a folder; returns the digest of what is raw.
  private func fill(_ directory: String) throws -> String {
    let (files, collected) = (PreparedSounds.FileNames(directory), "\(directory)/collected")
    let team = CoreTeam(cores: cores)
    let packer = try SoundPacker(settings, into: "\(directory)/clips.npy", cores: cores)
    let collector = Collector(
      PackedFormat(packer), columns: settings.requests, required: Set(settings.targets),
      missing: settings.source.missing, quarantineAtMost: settings.quarantineAtMost, memory: 512 << 20)
    let (table, aside) = try collector.collect(into: collected, by: team)
    let (clips, sources) = try packer.finish()
    let raw = Digest(
      of: ([try settings.source.listed(by: settings.split) ?? ""] + sources).map { "\($0)\n" }.joined()
    ).description
    let divided = try DividedTable(
      table, by: settings.split, targets: settings.targetRequests, seed: seed, memory: 512 << 20, team)
    let writer = try SoundPartWriter(divided, clips, settings, files)
    let (digests, counts) = try writer.write()
    let summary = PreparedSounds.Summary(
      raw: raw, split: divided.digest.description, prepared: PreparedSounds.joined(digests, classes: writer.classes),
      classes: writer.classes, clips: counts,
      rows: Dictionary(uniqueKeysWithValues: Part.allCases.map { ("\($0)", divided.count(of: $0)) }), aside: aside,
      sources: sources)
    try sortedJSON(summary).write(toRunFile: files.summary)
    guard rename("\(collected)/quarantine.csv", files.quarantine) == 0 else {
      throw Failure.system("rename", files.quarantine, errno: errno)
    }
    for path in [collected, "\(directory)/clips.npy"] { try folders.remove(path) }
    return raw
  }
}
