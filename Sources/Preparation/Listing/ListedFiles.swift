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
  func state(of path: String) -> String {
    // Without a name it would be the folder's own, which changes with all that is written into it.
    let place = path.isEmpty ? nil : try? place(of: path)
    return "\(path) \(place.map(stateText) ?? "none")"
  }

  /// Opens a file of at most so many bytes.
  static func opened(_ path: String, most: Int) throws(FileFault) -> RegularFile {
    do {
      let file = try RegularFile(path)
      guard file.size <= most else {
        throw Failure(.badData, "expected at most \(grouped(most)) bytes, found \(grouped(file.size))")
      }
      return file
    } catch {
      // What stands for bytes that are no text.
      guard !path.contains("\u{FFFD}") else {
        throw FileFault("expected a name in UTF-8, found other bytes; rename it")
      }
      throw FileFault("expected a file that can be read, found none (\(error.reasonText))")
    }
  }

  /// Reads a whole file.
  static func read(_ path: String, using memory: GrowingBytes) throws(FileFault) -> UnsafeRawBufferPointer {
    try read(opened(path, most: PictureHeader.mostBytes), using: memory)
  }

  /// Reads all of a file.
  static func read(_ file: RegularFile, using memory: GrowingBytes) throws(FileFault) -> UnsafeRawBufferPointer {
    let bytes = UnsafeMutableRawBufferPointer(start: memory.room(file.size), count: file.size)
    do { try file.read(into: bytes, at: 0) } catch {
      throw FileFault("expected a file that can be read, found none (\(error.reasonText))")
    }
    return UnsafeRawBufferPointer(bytes)
  }
}

extension Error {
  /// What a failure says, without saying where twice.
  fileprivate var reasonText: String { (self as? Failure)?.description ?? "\(self)" }
}
