import Diagnostics
import Files
import Pictures
import Tables

/// Pictures that are a file each, below a folder.
struct PictureFiles: PictureBytes {
  /// What paths start from.
  let root: String
  /// The column of the paths.
  let column: String

  func place(_ row: Int, of chunk: TableChunk, in fields: [RawField]) throws(PictureFault) -> PicturePlace {
    guard let path = chunk.text(row, of: column, in: fields) else { throw PictureFault("expected a path, found none") }
    return .file(try place(of: path))
  }

  /// Where a file lies; throws where that is outside of the folder.
  func place(of path: String) throws(PictureFault) -> String {
    let folder = root.hasSuffix("/") ? root : "\(root)/"
    // A relative one is below the root, whatever that is called.
    guard path.hasPrefix("/") || path.split(separator: "/").contains("..") else { return folder + path }
    // However it and the root are spelled.
    let (whole, base) = (plainPath(path.hasPrefix("/") ? path : folder + path), plainPath(folder))
    let prefix = base == "/" ? base : "\(base)/"
    guard whole.hasPrefix(prefix) else { throw PictureFault("expected a path inside of \(base), found '\(path)'") }
    return folder + whole.dropFirst(prefix.count)
  }

  /// A text that changes where a file is written to.
  func state(of path: String) -> String { "\(path) \((try? place(of: path)).map(stateText) ?? "none")" }

  /// Reads a whole file.
  static func read(_ path: String, using memory: GrowingBytes) throws(PictureFault) -> UnsafeRawBufferPointer {
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
      throw PictureFault("expected a file that can be read, found none (\(error.reasonText))")
    }
  }
}

extension Error {
  /// What a failure says, without saying where twice.
  fileprivate var reasonText: String { (self as? Failure)?.description ?? "\(self)" }
}
