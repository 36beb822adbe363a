import Datasets
import Diagnostics
import Files
import Foundation
import Host
import Tensors

/// Makes pieces of words of a text: learns their vocabulary from the training part alone, encodes both parts, and keeps all of it in a
/// folder, or finds it there.
package struct TextPreparer {
  private let file: String
  private let settings: TextSettings
  private let subwords: SubwordSettings
  /// Where folders are kept.
  private let directory: String

  package init(_ file: String, _ settings: TextSettings, _ subwords: SubwordSettings, keepUnder directory: String) {
    (self.file, self.settings, self.subwords, self.directory) = (file, settings, subwords, directory)
  }

  private static let elsewhere = "name a folder that can be written to (keep-under)"

  /// The prepared text: of the same file and settings always the same bytes.
  package func prepared() throws -> PreparedText {
    let raw = try RegularFile(file, cure: "check the path and its permissions").digest().description
    let folder = "\(directory)/\(try name(ofRaw: raw))"
    if exists(folder) { return try PreparedText(folder) }
    try makeDirectories(directory, cure: Self.elsewhere)
    let growth = FolderGrowth(directory)
    return try FolderLock.held("\(folder).lock", whileWaiting: { if growth.hasGrown { SignsOfLife.note() } }) {
      if exists(folder) { return try PreparedText(folder) }
      let partial = "\(folder).partial"
      if exists(partial) { try FileManager.default.removeItem(atPath: partial) }
      return try TemporaryPaths.holding(partial) {
        try makeDirectories(partial, cure: Self.elsewhere)
        do {
          try SignsOfLife.telling({ [directory] in FolderGrowth.touch(directory) }) { try fill(partial, raw) }
        } catch {
          try? FileManager.default.removeItem(atPath: partial)
          throw error
        }
        guard rename(partial, folder) == 0 else { throw Failure.system("rename", folder, errno: errno) }
        return try PreparedText(folder)
      }
    }
  }

  /// What another rank has prepared, by the name of its folder; nil where it is not on this rank's disks.
  package func prepared(as name: String) throws -> PreparedText? {
    let folder = "\(directory)/\(name)"
    return exists(folder) ? try PreparedText(folder) : nil
  }

  /// A folder's name is told by what decides its bytes.
  private func name(ofRaw raw: String) throws -> String {
    let decisive =
      "\(raw)\n\(try subwords.identity)\ntest \(settings.testShare)\nsize \(settings.vocabulary ?? 0)\ntext 1"
    return "text-" + String(Digest(of: decisive).hex.prefix(16))
  }

  private func fill(_ folder: String, _ raw: String) throws {
    let bytes = try Dataset.textBytes(file, .subwords)
    guard bytes.withUnsafeBufferPointer({ String(validating: $0, as: UTF8.self) != nil }) else {
      throw Dataset.notUTF8(file)
    }
    let split = Self.split(bytes, testShare: settings.testShare)
    let model = try subwords.model(of: split, at: file) { body in
      bytes[..<split].withUnsafeBufferPointer { body($0) }
    }
    let team = CoreTeam(cores: ProcessorCores.shared(environment: ProcessInfo.processInfo.environment))
    let train = try model.tokens(of: bytes[..<split], at: file, by: team)
    let test = try model.tokens(of: bytes[split...], at: file, by: team)
    let vocabulary = try TextVocabulary(model, size: settings.vocabulary).json
    try write(train, to: PreparedText.file(folder, "train"))
    try write(test, to: PreparedText.file(folder, "test"))
    try vocabulary.write(toRunFile: "\(folder)/vocabulary.json")
    let name = file.split(separator: "/").last.map(String.init) ?? file
    let summary = PreparedText.Summary(
      raw: raw, vocabulary: Digest(of: vocabulary).description, prepared: PreparedText.digest(train, test),
      source: "\(name) \(raw)", bytes: bytes.count, train: train.count, test: test.count)
    try sortedJSON(summary).write(toRunFile: "\(folder)/prepared.json")
  }

  private func write(_ tokens: [Int32], to path: String) throws {
    let file = try ArrayWriter<Int32>(path)
    try file.append(contentsOf: tokens)
    _ = try file.finish()
  }

  /// Where the test part begins: behind the line in which its share would, or, where that line is the last one, at the character.
  ///
  /// A rule of bytes, as the tokens are not known before the vocabulary, which is learned from the training part.
  static func split(_ bytes: [UInt8], testShare: Double) -> Int {
    let wanted = bytes.count - Int((Double(bytes.count) * testShare).rounded())
    guard wanted < bytes.count else { return bytes.count }
    if let end = bytes[wanted...].firstIndex(of: UInt8(ascii: "\n")), end + 1 < bytes.count { return end + 1 }
    return bytes[..<(wanted + 1)].lastIndex { $0 & 0xC0 != 0x80 } ?? 0
  }
}
