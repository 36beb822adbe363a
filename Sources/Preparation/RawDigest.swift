import Diagnostics
import Files
import Formats
import Tensors

/// The digest of what a table is read from. Where it lies decides nothing, but for what a format, or the split, reads off names.
struct RawDigest {
  /// SHA-256 of the sources' digests, a line each.
  let digest: Digest
  private let states: [(path: String, state: FileState)]
  /// Name, without its folder, and digest of each source, in their order: `credit.csv sha256:…`.
  let sources: [String]

  /// Reads all of it: the bytes of files, or rows.
  ///
  /// - Parameter split: what divides the rows.
  init(of format: any TableFormat, split: any Split) throws {
    let found = try format.sources()
    states =
      type(of: format).identity == .bytes ? try found.map { (path: $0, state: try FileState($0)) } : []
    let digests = try found.map { source in
      switch type(of: format).identity {
      case .bytes:
        (
          name: source.split(separator: "/").last.map(String.init) ?? source,
          digest: try RegularFile(source, cure: "check the path and its permissions").digest()
        )
      case .rows: (name: type(of: format).kind, digest: try RowDigest.digest(of: format.open(source, columns: nil)))
      }
    }
    let told = try found.map { source in try [format.told(by: source), split.told(by: source)].compactMap { $0 } }
    digest = Digest(
      of: zip(digests, told).map { ([$0.digest.description] + $1).joined(separator: " ") + "\n" }.joined())
    sources = digests.map { "\($0.name) \($0.digest)" }
  }

  /// Throws where a file was written to since its digest was taken.
  func requireSame() throws {
    for (path, state) in states where try FileState(path) != state {
      throw Failure(
        .badData, at: path, "expected a file that stays as it is while it is read, found it written to",
        cure: "start again when it is whole")
    }
  }
}
