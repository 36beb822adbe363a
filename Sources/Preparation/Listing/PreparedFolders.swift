import Diagnostics
import Files
import Foundation
import Tensors

/// Where is kept what was prepared of listed files, pictures or sounds: a folder for each, named by the digest of what is raw and of
/// the settings, and a note for each state of the files, so that they are not read again.
struct PreparedFolders: Sendable {
  /// The folder of all of them.
  let directory: String
  /// `pictures`
  let noun: String
  /// What decides, besides the raw files, what is prepared.
  let identity: String

  /// The name of a folder, or of a note.
  func name(of raw: String) -> String { String(Digest(of: "\(raw)\n\(identity)").hex.prefix(16)) }

  /// Where it is kept what becomes of raw data of a digest, `sha256:…`.
  func path(ofRaw digest: String) -> String { "\(directory)/\(name(of: digest))" }

  /// What was prepared of listed files, or is now.
  ///
  /// - Parameters:
  ///   - states: of all files, without reading them.
  ///   - source: what is named where they change meanwhile.
  ///   - fill: makes an empty folder one that is whole; returns the digest of what is raw.
  func prepared<Prepared>(
    states: () throws -> Digest, source: () throws -> String?,
    open: (_ folder: String, _ isNew: Bool) throws -> Prepared,
    fill: (_ folder: String) throws -> String
  ) throws -> Prepared {
    let before = try states()
    if let known = try known(before, open) { return known }
    try makeDirectories(directory, cure: TablePreparer.elsewhere)
    let (new, growth) = ("\(directory)/new-\(noun)", FolderGrowth(directory))
    return try FolderLock.held("\(new).lock", whileWaiting: { if growth.hasGrown { SignsOfLife.note() } }) {
      if let known = try known(before, open) { return known }
      let partial = "\(new).partial"
      let folder = path(ofRaw: try made(in: partial, by: fill))
      guard try states() == before else {
        try remove(partial)
        throw Failure(
          .badData, at: try source(),
          "expected \(noun) that stay as they are while they are read, found them written to",
          cure: "start again when they are whole")
      }
      let isThere = exists(folder)
      if isThere { try remove(partial) }
      guard isThere || rename(partial, folder) == 0 else { throw Failure.system("rename", folder, errno: errno) }
      try (folder.split(separator: "/").last.map(String.init) ?? "").write(toRunFile: note(before))
      return try open(folder, !isThere)
    }
  }

  /// What was prepared of files in these states; nil where nothing was.
  private func known<Prepared>(
    _ states: Digest, _ open: (_ folder: String, _ isNew: Bool) throws -> Prepared
  ) throws -> Prepared? {
    guard let name = try? String(contentsOfFile: note(states), encoding: .utf8), !name.contains("/"),
      !name.isEmpty, !name.hasPrefix(".")
    else { return nil }
    let folder = "\(directory)/\(name)"
    return exists(folder) ? try open(folder, false) : nil
  }

  /// The file that tells what was prepared of files in these states.
  private func note(_ states: Digest) -> String { "\(directory)/\(name(of: "states \(states)")).listing" }

  /// Throws where a folder is not there, or was prepared by other settings or another seed, or has another name than it got.
  func require(_ folder: String, raw: String?) throws {
    guard exists(folder) else {
      throw Failure(
        .missingInput, at: folder, "expected prepared \(noun), found none", cure: "prepare them from the raw data")
    }
    guard let raw, folder.split(separator: "/").last.map(String.init) == name(of: raw) else {
      throw Failure(
        .badData, at: folder,
        "expected \(noun) prepared by these settings and this seed, under the name that they got, found others",
        cure: "prepare them from the raw data")
    }
  }

  func remove(_ partial: String) throws {
    do { try FileManager.default.removeItem(atPath: partial) } catch {
      throw Failure(
        .inputOutput, at: partial, "expected to remove what a stopped run has left, found that not permitted",
        cure: "delete it, or name another folder (keep-under)")
    }
  }

  /// Fills a folder, which is gone where that fails.
  private func made(in partial: String, by fill: (String) throws -> String) throws -> String {
    if exists(partial) { try remove(partial) }
    return try TemporaryPaths.holding(partial) {
      try makeDirectories("\(partial)/collected", cure: TablePreparer.elsewhere)
      do {
        return try SignsOfLife.telling({ [directory] in FolderGrowth.touch(directory) }) { try fill(partial) }
      } catch {
        try? FileManager.default.removeItem(atPath: partial)
        throw error
      }
    }
  }
}
