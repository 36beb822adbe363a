import Diagnostics
import Files
import Formats
import Foundation
import Pictures
import Tables
import Tensors

/// Where files of one kind, pictures or sounds, and what they show are found: rows of a table, of which one column tells the file.
package protocol FileListing: Sendable {
  /// What lists them, a row a file.
  var table: any TableFormat { get }
  /// The column that tells which file it is, by a name.
  var path: String { get }
  /// The columns, besides that, which `bytes` looks at.
  var columns: Set<String> { get }
  /// What the files of each source are for, where that is said; nil: a split says it.
  func parts(of sources: [String]) -> [Part?]
  /// The column of the one class that it tells by itself, as folders do; nil: columns tell what files show.
  var ownTarget: String? { get }
  /// What is named in the order in which it is read is for; empty: nothing says it.
  var parts: [Part?] { get }
  /// What tells where a source's files are.
  func bytes(of source: String) throws -> any FileBytes
  /// Of what tells whether anything that is read was written to, without reading it: names, sizes, times.
  func states() throws -> Digest
  /// The digest of what lists the files, where that is more than their names and what they show; nil: it is not.
  func listed(by split: any Split) throws -> String?
  /// Texts that stand for a class or number that is missing.
  var missing: Set<String> { get }
  /// The order of classes that were found, by their places.
  func order(of classes: [String]) -> [Int]
}

extension FileListing {
  /// The columns that tell what a model predicts, whose own are called `names`: a class may be called otherwise here.
  func targetColumns(_ names: [String]) -> [String] {
    guard names.count == 1, let ownTarget else { return names }
    return [ownTarget]
  }

  package var parts: [Part?] { [] }
  package func parts(of sources: [String]) -> [Part?] { sources.map { _ in nil } }
  package var ownTarget: String? { nil }
  var namesParts: Bool { parts.contains { $0 != nil } }
  package func listed(by split: any Split) throws -> String? { nil }
  package func order(of classes: [String]) -> [Int] { wordOrder(classes) }

  /// Of rows whose files lie in folders.
  func states(_ files: (_ source: String) -> ListedFiles) throws -> Digest {
    let hash = StreamingDigest()
    for (place, source) in try table.sources().enumerated() {
      let name = source.split(separator: "/").last ?? ""
      Array("source \(place) \(name)\n".utf8).withUnsafeBytes { hash.update($0) }
      let (reader, files) = (try table.open(source, columns: [path]), files(source))
      while let chunk = try reader.next(most: 16_384) {
        for row in 0..<chunk.count {
          let name = chunk.text(row, of: path, in: reader.fields) ?? ""
          Array("\(files.state(of: name))\n".utf8).withUnsafeBytes { hash.update($0) }
        }
        SignsOfLife.note()
      }
    }
    return hash.finish()
  }
}

/// A text that changes where a file is written to: its size and its time.
func stateText(_ path: String) -> String {
  var status = stat()
  guard stat(path, &status) == 0 else { return "none" }
  return "\(status.st_size) \(status.st_mtim.tv_sec) \(status.st_mtim.tv_nsec)"
}

/// Tells where the bytes of files are.
package protocol FileBytes {
  func place(_ row: Int, of chunk: TableChunk, in fields: [RawField]) throws(FileFault) -> FilePlace
}

/// Where the bytes of a file are.
package enum FilePlace: Sendable {
  case file(String)
  case archive(MappedBytes, Range<Int>)

  /// The bytes, in `memory` or where they lie; they are there until it is used again.
  package func bytes(using memory: GrowingBytes) throws(FileFault) -> UnsafeRawBufferPointer {
    switch self {
    case .file(let path): try ListedFiles.read(path, using: memory)
    case .archive(let archive, let range): UnsafeRawBufferPointer(rebasing: archive.bytes[range])
    }
  }
}

extension TableChunk {
  /// What a column of texts or numbers says in a row; nil where it says nothing.
  func text(_ row: Int, of column: String, in fields: [RawField]) -> String? {
    guard let place = fields.firstIndex(where: { $0.name == column }) else { return nil }
    let values = columns[place]
    return values.isMissing.isEmpty || !values.isMissing[row] ? values.texts[row] : nil
  }
}
