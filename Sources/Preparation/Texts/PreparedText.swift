import Datasets
import Diagnostics
import Files
import Foundation
import Tensors

/// A text that became pieces of words, with their vocabulary, in a folder: what was computed once is found again.
package struct PreparedText: Sendable {
  /// Digests and counts, as `prepared.json` has them.
  package struct Summary: Sendable, Equatable, Codable {
    package var format = 1
    /// Of the file's bytes, packed as it is.
    package var raw: String
    /// Of the vocabulary.
    package var vocabulary: String
    /// Of the tokens for training and for testing.
    package var prepared: String
    /// The file's name, without its folder, and its digest.
    package var source: String
    /// Bytes of both parts of the text.
    package var bytes: Int
    /// Tokens of each part.
    package var train: Int
    package var test: Int
  }

  package let directory: String
  package let summary: Summary
  /// As a checkpoint keeps it.
  package let vocabularyText: String
  package let vocabulary: Vocabulary

  /// Opens what was kept; throws bad data (65) where it is not whole.
  package init(_ directory: String) throws {
    self.directory = directory
    do {
      summary = try JSONDecoder().decode(
        Summary.self, from: Data(contentsOf: URL(fileURLWithPath: "\(directory)/prepared.json")))
      vocabularyText = try String(contentsOfFile: "\(directory)/vocabulary.json", encoding: .utf8)
    } catch {
      throw Self.damaged(directory)
    }
    guard Digest(of: vocabularyText).description == summary.vocabulary else { throw Self.damaged(directory) }
    vocabulary = try TextVocabulary(json: vocabularyText).vocabulary
  }

  /// The tokens of both parts; throws bad data (65) where they are not those that were kept.
  package func tokens() throws -> (train: [Int32], test: [Int32]) {
    func read(_ part: String, _ count: Int) throws -> [Int32] {
      let file = try MappedArray<Int32>(Self.file(directory, part))
      guard file.count == count else { throw Self.damaged(directory) }
      return file.array(0..<count)
    }
    let (train, test) = (try read("train", summary.train), try read("test", summary.test))
    guard Self.digest(train, test) == summary.prepared else { throw Self.damaged(directory) }
    return (train, test)
  }

  static func file(_ directory: String, _ part: String) -> String { "\(directory)/\(part).npy" }

  static func digest(_ parts: [Int32]...) -> String {
    let hash = StreamingDigest()
    for part in parts {
      var count = Int64(part.count).littleEndian
      withUnsafeBytes(of: &count) { hash.update($0) }
      part.withUnsafeBytes { hash.update($0) }
    }
    return hash.finish().description
  }

  private static func damaged(_ directory: String) -> Failure {
    Failure(.badData, at: directory, "expected a prepared text, found it changed", cure: "delete the folder")
  }
}
