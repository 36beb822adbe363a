import Diagnostics
import Files
import Foundation
import Tensors

/// Where prepared tables are kept: a folder each, named by what decides its bytes, which has the name once it is whole.
extension TablePreparer {
  static let elsewhere = "name a folder that can be written to (keep-under)"

  /// Removes what killed processes have left of other tables, a day ago and more, as far as that is permitted.
  func removeAbandoned() {
    for name in (try? directoryNames(settings.directory)) ?? [] where name.hasSuffix(".partial") {
      let path = "\(settings.directory)/\(name)"
      FolderLock.ifFree("\(path.dropLast(".partial".count)).lock") {
        guard FolderGrowth.age(path) > 86_400 else { return }
        try? FileManager.default.removeItem(atPath: path)
      }
    }
  }

  func locked(_ directory: String, _ body: () throws -> PreparedTable) throws -> PreparedTable {
    let growth = FolderGrowth(settings.directory)
    return try FolderLock.held(
      "\(directory).lock", whileWaiting: { if growth.hasGrown { SignsOfLife.note() } }, body)
  }

  func kept(_ partial: String, as directory: String) throws -> PreparedTable {
    guard rename(partial, directory) == 0 else { throw Failure.system("rename", directory, errno: errno) }
    return try opened(directory, isNew: true)
  }

  /// Where it is kept what becomes of raw data.
  func directory(of raw: RawDigest) -> String { directory(ofRaw: raw.digest.description) }

  /// The same of their digest, as a receipt has it: `sha256:…`.
  package func directory(ofRaw digest: String) -> String { "\(settings.directory)/\(name(ofRaw: digest))" }

  private func name(ofRaw digest: String) -> String {
    // A file that is not there any more is missed where it is needed.
    let besides: [String] = settings.columns.compactMap { column in
      guard let own = try? column.kind.besides else { return nil }
      return "\n\(column.name): \(own)"
    }
    let identity = settings.identity + besides.joined()
    return String(Digest(of: "\(digest)\n\(identity)\nseed=\(seed)\nformat=3").hex.prefix(16))
  }

  /// Takes what lies in a folder, whatever has become of the raw data.
  ///
  /// Throws a missing input (66) where it is not there, and bad data (65) where it was prepared by other settings or another seed,
  /// or is no more what was prepared.
  func taken(_ folder: String) throws -> PreparedTable {
    guard exists(folder) else {
      throw Failure(
        .missingInput, at: folder, "expected prepared data, found none", cure: "prepare them from the raw data")
    }
    // The folder's name alone tells the seed.
    let schema = Digest(of: settings.identity).description
    guard let summary = PreparedTable.summary(of: folder), summary.schema == schema,
      folder.split(separator: "/").last.map(String.init) == name(ofRaw: summary.raw)
    else {
      throw Failure(
        .badData, at: folder,
        "expected data prepared by these settings and this seed, under the name that they got, found others",
        cure: "prepare them from the raw data")
    }
    return try opened(folder)
  }

  /// Whether there is something that was prepared by the same settings, of whatever data.
  var hasAny: Bool {
    let schema = Digest(of: settings.identity).description
    let names = (try? directoryNames(settings.directory)) ?? []
    return names.contains { PreparedTable.summary(of: "\(settings.directory)/\($0)")?.schema == schema }
  }

  /// Removes what a killed process has left.
  func remove(_ partial: String) throws {
    do {
      try FileManager.default.removeItem(atPath: partial)
    } catch {
      throw Failure(
        .inputOutput, at: partial, "expected to remove what a stopped run has left, found that not permitted",
        cure: "delete it, or name another folder (keep-under)")
    }
  }
}
