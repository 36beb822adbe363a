import Diagnostics
import Files
import Tables
import Tensors

/// The files of a folder of what was prepared that all kinds have.
struct KeptNames {
  let directory: String
  init(_ directory: String) { self.directory = directory }

  var summary: String { "\(directory)/prepared.json" }
  var quarantine: String { "\(directory)/quarantine.csv" }
  var names: String { "\(directory)/names.npy" }
  func targets(_ part: Part) -> String { "\(directory)/\(part).targets.npy" }
  /// Where the samples of a part are found, and their names.
  func places(_ part: Part, _ kind: ListedKind) -> String { "\(directory)/\(part).\(kind.plural).npy" }
}

/// The samples of each part, and the names of all files, in arrays that are mapped into memory.
package final class KeptParts: Sendable {
  /// Of one part, N samples.
  package struct Rows: Sendable {
    /// N×2: of pictures the place in the shards and that of the name, of sounds the place of the name and which clip of it that is.
    package let places: MappedArray<Int64>
    package let targets: PreparedTable.Targets
    package let count: Int
  }

  let names: MappedTexts
  private let rows: [Part: Rows]

  /// The samples of a part; nil where there are none.
  package subscript(part: Part) -> Rows? { rows[part] }

  /// Opens those of a folder, where each part has so many samples.
  init(_ directory: String, _ kind: ListedKind, counts: [String: Int], hasClasses: Bool) throws {
    let files = KeptNames(directory)
    names = try MappedTexts(files.names)
    var rows: [Part: Rows] = [:]
    for part in Part.allCases {
      guard let count = counts["\(part)"], count > 0 else { continue }
      let targets: PreparedTable.Targets =
        hasClasses ? .classes(try MappedArray(files.targets(part))) : .values(try MappedArray(files.targets(part)))
      rows[part] = Rows(places: try MappedArray(files.places(part, kind)), targets: targets, count: count)
    }
    self.rows = rows
    // Of a damaged folder twice a count may be more than a number can tell.
    fits = rows.values.allSatisfy { $0.places.count.isMultiple(of: 2) && $0.places.count / 2 == $0.count }
  }

  /// Whether all parts have what they are to have.
  let fits: Bool

  /// Of all: those before, of the names, and of each part what `own` gives.
  func digest(after first: [Digest], own: (Part, Rows) -> [Digest]) -> String {
    let digests = Part.allCases.flatMap { part in rows[part].map { own(part, $0) } ?? [] }
    return Self.joined(first + [names.digest] + digests)
  }

  static func joined(_ digests: [Digest]) -> String { Digest(of: digests.map { "\($0)\n" }.joined()).description }
}

extension KeptParts.Rows {
  var targetDigest: Digest {
    switch targets {
    case .classes(let classes): classes.digest
    case .values(let values): values.digest
    }
  }
}

extension MappedArray {
  /// SHA-256 of all numbers.
  var digest: Digest {
    let hash = StreamingDigest()
    forEachBlock { hash.update(UnsafeRawBufferPointer($1)) }
    return hash.finish()
  }
}
