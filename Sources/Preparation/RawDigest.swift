import Files
import Formats
import Tensors

/// The digest of what a table is read from. Where it lies decides nothing.
struct RawDigest {
  /// SHA-256 of the sources' digests, a line each.
  let digest: Digest
  /// Name, without its folder, and digest of each source, in their order: `credit.csv sha256:…`.
  let sources: [String]

  /// Reads all of it: the bytes of files, or rows.
  init(of format: any TableFormat) throws {
    let digests = try format.sources().map { source in
      switch type(of: format).identity {
      case .bytes:
        (
          name: source.split(separator: "/").last.map(String.init) ?? source,
          digest: try RegularFile(source, cure: "check the path and its permissions").digest()
        )
      case .rows: (name: type(of: format).kind, digest: try RowDigest.digest(of: format.open(source, columns: nil)))
      }
    }
    digest = Digest(of: digests.map { "\($0.digest)\n" }.joined())
    sources = digests.map { "\($0.name) \($0.digest)" }
  }
}
