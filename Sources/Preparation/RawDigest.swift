import Files
import Formats
import Tensors

/// The digest of what a table is read from: of the bytes of all files, in their order. Where they lie decides nothing.
struct RawDigest {
  /// SHA-256 of the files' digests, a line each.
  let digest: Digest
  /// Name, without its folder, and digest of each file: `credit.csv sha256:…`.
  let files: [String]

  /// Reads all of it.
  init(of source: any TableFormat) throws {
    let digests = try source.sources().map {
      (path: $0, digest: try RegularFile($0, cure: "check the path and its permissions").digest())
    }
    let lines = digests.map { "\($0.digest)\n" }.joined()
    digest = Digest(of: lines)
    files = digests.map { "\($0.path.split(separator: "/").last ?? "") \($0.digest)" }
  }
}
