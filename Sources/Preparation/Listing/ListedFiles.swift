import Diagnostics
import Files
import Pictures
import Tables

/// Files below a folder.
struct ListedFiles: FileBytes {
  /// What paths start from, with a slash behind it; and the same from the root of all on, without one.
  private let folder: String
  private let base: String
  /// The column of the paths.
  private let column: String

  init(root: String, column: String) {
    folder = root.hasSuffix("/") ? root : "\(root)/"
    self.column = column
    base = plainPath(folder)
  }

  func place(_ row: Int, of chunk: TableChunk, in fields: [RawField]) throws(FileFault) -> FilePlace {
    guard let path = chunk.text(row, of: column, in: fields) else { throw FileFault("expected a path, found none") }
    return .file(try place(of: path))
  }

  /// Where a file lies; throws where that is outside of the folder.
  func place(of path: String) throws(FileFault) -> String {
    // A relative one is below the root, whatever that is called.
    guard path.hasPrefix("/") || path.split(separator: "/").contains("..") else { return folder + path }
    // However it and the root are spelled.
    let whole = plainPath(path.hasPrefix("/") ? path : "\(base)/\(path)")
    let prefix = base == "/" ? base : "\(base)/"
    guard whole.hasPrefix(prefix) else { throw FileFault("expected a path inside of \(base), found '\(path)'") }
    return folder + whole.dropFirst(prefix.count)
  }

  /// A text that changes where a file is written to.
  func state(of path: String) -> String { "\(path) \((try? place(of: path)).map(stateText) ?? "none")" }

  /// Reads a whole file.
  static func read(_ path: String, using memory: GrowingBytes) throws(FileFault) -> UnsafeRawBufferPointer {
    do {
      let file = try RegularFile(path)
      guard file.size <= PictureHeader.mostBytes else {
        throw Failure(
          .badData, "expected at most \(grouped(PictureHeader.mostBytes)) bytes, found \(grouped(file.size))")
      }
      let bytes = UnsafeMutableRawBufferPointer(start: memory.room(file.size), count: file.size)
      try file.read(into: bytes, at: 0)
      return UnsafeRawBufferPointer(bytes)
    } catch {
      throw FileFault("expected a file that can be read, found none (\(error.reasonText))")
    }
  }
}

extension Error {
  /// What a failure says, without saying where twice.
  fileprivate var reasonText: String { (self as? Failure)?.description ?? "\(self)" }
}
