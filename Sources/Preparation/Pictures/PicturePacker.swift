import Diagnostics
import Files
import Host
import Pictures
import Tables
import Tensors

/// Looks at pictures as their rows are read: those that can be decoded go into shards, and their rows get the place that they have
/// there; the others are faults of their rows.
///
/// One thread at a time has it pack rows.
final class PicturePacker: RowPacker, @unchecked Sendable {
  let listing: any PictureListing
  let shards: ShardWriter
  private let team: CoreTeam
  private let pool = ScratchPool()
  /// The targets, which belong to what is raw.
  private let targets: [String]
  /// Of the pictures of each source, in their order.
  private var raw: [(source: String, hash: StreamingDigest)] = []
  /// Whether all pictures so far are shades of grey, and the size that they share; nil: they have several.
  private(set) var areGrey = true
  private(set) var size: (height: Int, width: Int)?
  private var hasSeveralSizes = false

  init(_ listing: any PictureListing, targets: [String], into directory: String, cores: [Int]) throws {
    (self.listing, self.targets) = (listing, targets)
    (shards, team) = (try ShardWriter(directory), CoreTeam(cores: cores))
  }

  /// What becomes of one picture.
  private struct Looked {
    let bytes: [UInt8]
    let digest: Digest
    let checksum: UInt64
    let height: Int
    let width: Int
    let isColoured: Bool
  }

  /// The column that tells a row's place in the shards.
  static let column = "\u{0}picture"
  static let columns = [RawField(column, .number)]

  /// The rows of a chunk with their places.
  func pack(_ chunk: TableChunk, in fields: [RawField], of source: String, _ bytes: any PictureBytes) throws
    -> TableChunk
  {
    var faults = chunk.faults
    var places = [Double](repeating: .nan, count: chunk.count)
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
        pool.with { scratch in
          Result<Looked, PictureFault> { () throws(PictureFault) in
            try look(piece[piece.startIndex + place], chunk, fields, lender, scratch)
          }
        }
      }
      for (row, result) in zip(piece, looked) {
        let name = chunk.text(row, of: listing.path, in: fields) ?? ""
        let shown = targets.map { chunk.text(row, of: $0, in: fields) ?? "" }.joined(separator: "\0")
        switch result {
        case .failure(let fault):
          faults.append(RowFault(row: row, "\(name): \(fault.reason)"))
          note("\(name)\0\(shown)\0\(fault.reason)", in: hash)
        case .success(let picture):
          places[row] = Double(shards.count)
          note("\(name)\0\(shown)\0\(picture.digest)", in: hash)
          try add(picture)
        }
      }
      SignsOfLife.note()
    }
    return TableChunk(
      count: chunk.count, columns: chunk.columns + [RawColumn(.numbers(places))], places: chunk.places,
      faults: faults.sorted { $0.row < $1.row })
  }

  private func note(_ text: String, in hash: StreamingDigest) {
    Array("\(text)\n".utf8).withUnsafeBytes { hash.update($0) }
  }

  /// Reads a picture, and decodes all of it once: what training meets later has been decoded before.
  private func look(
    _ row: Int, _ chunk: TableChunk, _ fields: [RawField], _ lender: any PictureBytes, _ scratch: PictureScratch
  ) throws(PictureFault) -> Looked {
    let bytes = try lender.place(row, of: chunk, in: fields).bytes(using: scratch.file)
    let header = try PictureForm.checked(bytes, using: scratch)
    var sum = Checksum()
    sum.add(bytes)
    return Looked(
      bytes: Array(bytes), digest: Digest(of: bytes), checksum: sum.value, height: header.height, width: header.width,
      isColoured: header.isColoured)
  }

  private func add(_ picture: Looked) throws {
    try picture.bytes.withUnsafeBytes {
      try shards.append($0, height: picture.height, width: picture.width, checksum: picture.checksum)
    }
    areGrey = areGrey && !picture.isColoured
    if size == nil, !hasSeveralSizes { size = (picture.height, picture.width) }
    if let size, size != (picture.height, picture.width) { (self.size, hasSeveralSizes) = (nil, true) }
  }

  /// Of the names, targets and bytes of each source's pictures: `train sha256:…`.
  func finish() -> [String] {
    raw.map { source, hash in "\(source.split(separator: "/").last ?? "") \(hash.finish())" }
  }
}
