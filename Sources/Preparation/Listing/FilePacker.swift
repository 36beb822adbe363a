import Diagnostics
import Files
import Host
import Tables
import Tensors

/// Where files, or what was made of them, are put as they are looked at.
package protocol FileShelf: AnyObject, Sendable {
  associatedtype Item
  /// The columns that tell of a row where on the shelf it stands.
  static var columns: [RawField] { get }
  /// Reads a file, and makes of it what is to be kept, with the digest of its bytes; throws a `FileFault` where the file is at fault.
  /// Several threads call it.
  func look(at place: FilePlace) throws -> (item: Item, digest: Digest)
  /// Puts it behind the others, and returns the numbers of the columns. One thread at a time calls it.
  func add(_ item: consuming Item) throws -> [Double]
}

/// Looks at files as their rows are read: what can be decoded goes onto a shelf, and its row gets the place that it has there; the
/// others are faults of their rows.
///
/// One thread at a time has it pack rows.
final class FilePacker<Shelf: FileShelf>: RowPacker, @unchecked Sendable {
  let listing: any FileListing
  let shelf: Shelf
  private let team: CoreTeam
  /// The targets, which belong to what is raw.
  private let targets: [String]
  /// Of the files of each source, in their order.
  private var raw: [(source: String, hash: StreamingDigest)] = []

  static var columns: [RawField] { Shelf.columns }

  init(_ settings: ListedSettings, onto shelf: Shelf, cores: [Int]) {
    (listing, targets, self.shelf) = (settings.source, settings.targets, shelf)
    team = CoreTeam(cores: cores)
  }

  func pack(_ chunk: TableChunk, in fields: [RawField], of source: String, _ bytes: any FileBytes) throws
    -> TableChunk
  {
    var faults = chunk.faults
    var numbers = Shelf.columns.map { _ in [Double](repeating: .nan, count: chunk.count) }
    let known = Set(faults.map(\.row))
    let rows = (0..<chunk.count).filter { !known.contains($0) }
    if raw.last?.source != source { raw.append((source, StreamingDigest())) }
    let hash = raw.last!.hash
    // Few at a time: each may have some mebibytes.
    let most = 8 * team.count
    for start in stride(from: 0, to: rows.count, by: most) {
      let piece = rows[start..<min(start + most, rows.count)]
      nonisolated(unsafe) let lender = bytes
      let looked = try team.map(piece.count) { place in
        try FileFault.result {
          try shelf.look(at: lender.place(piece[piece.startIndex + place], of: chunk, in: fields))
        }
      }
      for (row, result) in zip(piece, looked) {
        let name = chunk.text(row, of: listing.path, in: fields) ?? ""
        let shown = targets.map { chunk.text(row, of: $0, in: fields) ?? "" }.joined(separator: "\0")
        switch result {
        case .failure(let fault):
          faults.append(RowFault(row: row, "\(name): \(fault.reason)"))
          // Not why: reasons have paths in them, and what is set aside is used by nothing.
          note("\(name)\0\(shown)\0set aside", in: hash)
        case .success(let (item, digest)):
          note("\(name)\0\(shown)\0\(digest)", in: hash)
          for (column, number) in try shelf.add(item).enumerated() { numbers[column][row] = number }
        }
      }
      SignsOfLife.note()
    }
    return TableChunk(
      count: chunk.count, columns: chunk.columns + numbers.map { RawColumn(.numbers($0)) }, places: chunk.places,
      faults: faults.sorted { $0.row < $1.row })
  }

  private func note(_ text: String, in hash: StreamingDigest) {
    Array("\(text)\n".utf8).withUnsafeBytes { hash.update($0) }
  }

  /// Of the names, targets and bytes of each source's files: `train sha256:…`.
  func finish() -> [String] {
    raw.map { source, hash in "\(source.split(separator: "/").last ?? "") \(hash.finish())" }
  }
}

extension FileFault {
  /// What `body` gives, or why a file cannot be used; throws what is nobody's file's fault, as a full disk.
  static func result<Success>(_ body: () throws -> Success) throws -> Result<Success, FileFault> {
    do { return .success(try body()) } catch let fault as FileFault { return .failure(fault) }
  }
}
