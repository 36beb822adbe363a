import Diagnostics
import Files
import Formats
import Tensors

/// The digest of what a table is read from. Where it lies decides nothing, but for what a format, or the split, reads off names.
struct RawDigest {
  /// SHA-256 of the sources' digests, a line each.
  let digest: Digest
  /// Name, without its folder, and digest of each source, in their order: `credit.csv sha256:…`.
  let sources: [String]
}

/// Takes the digest of what a table is read from, all at once or piece by piece.
final class RawReading {
  private let format: any TableFormat
  private let paths: [String]
  /// What the format and the split read off the names of sources.
  private let told: [[String]]
  private let states: [(path: String, state: FileState)]
  private var digests: [Digest] = []
  private var open: FileDigest?

  /// Finds the sources; what is read afterwards was not written to since, or `requireSame` throws.
  ///
  /// - Parameter split: what divides the rows.
  init(of format: any TableFormat, split: any Split) throws {
    (self.format, paths) = (format, try format.sources())
    states = type(of: format).identity == .bytes ? try paths.map { (path: $0, state: try FileState($0)) } : []
    told = try paths.map { source in try [format.told(by: source), split.told(by: source)].compactMap { $0 } }
  }

  /// Whether it is the bytes of files that are read.
  var isOfFiles: Bool { type(of: format).identity == .bytes }

  /// Reads `pieces` mebibytes more of files, or all rows of a source of rows.
  func advance(by pieces: Int) throws {
    for _ in 0..<pieces where digests.count < paths.count {
      let path = paths[digests.count]
      guard isOfFiles else {
        digests.append(try RowDigest.digest(of: format.open(path, columns: nil)))
        continue
      }
      let own = try open ?? FileDigest(of: RegularFile(path, cure: "check the path and its permissions"))
      open = own
      guard try own.advance() else { continue }
      digests.append(own.finish())
      open = nil
    }
  }

  /// Reads what is left.
  func finish() throws -> RawDigest {
    while digests.count < paths.count { try advance(by: 64) }
    let names = paths.map { path in
      isOfFiles ? path.split(separator: "/").last.map(String.init) ?? path : type(of: format).kind
    }
    let lines = zip(digests, told).map { ([$0.description] + $1).joined(separator: " ") + "\n" }
    return RawDigest(digest: Digest(of: lines.joined()), sources: zip(names, digests).map { "\($0) \($1)" })
  }

  /// Throws where a file was written to since this was made.
  func requireSame() throws {
    for (path, state) in states where try FileState(path) != state {
      throw Failure(
        .badData, at: path, "expected a file that stays as it is while it is read, found it written to",
        cure: "start again when it is whole")
    }
  }
}
