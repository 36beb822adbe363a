import Diagnostics
import Files
import Host
import Sounds
import Tables
import Tensors

/// Makes features of sounds as their rows are read: rows get the place of their first clip, and how many they have; sounds that cannot
/// be decoded are faults of their rows.
///
/// One thread at a time has it pack rows.
final class SoundPacker: RowPacker, @unchecked Sendable {
  let listing: any PictureListing
  private let writer: ArrayWriter<Float>
  private let team: CoreTeam
  private let workshop: SoundWorkshop
  /// The targets, which belong to what is raw.
  private let targets: [String]
  /// Of the sounds of each source, in their order.
  private var raw: [(source: String, hash: StreamingDigest)] = []
  /// Clips so far.
  private(set) var count = 0

  /// The columns of the place and of the number.
  static let (column, clipsColumn) = ("\u{0}clip", "\u{0}clips")
  static let columns = [RawField(column, .number), RawField(clipsColumn, .number)]

  /// - Parameter path: the file that all clips are written to, in the order in which they are listed.
  init(_ settings: SoundSettings, into path: String, cores: [Int]) throws {
    (listing, targets) = (settings.source, settings.targets)
    writer = try ArrayWriter(path, width: settings.form.count, isKept: false)
    (workshop, team) = (SoundWorkshop(settings.form), CoreTeam(cores: cores))
  }

  func pack(_ chunk: TableChunk, in fields: [RawField], of source: String, _ bytes: any PictureBytes) throws
    -> TableChunk
  {
    var faults = chunk.faults
    var (places, clips) = ([Double](repeating: .nan, count: chunk.count), [Double](repeating: .nan, count: chunk.count))
    let known = Set(faults.map(\.row))
    let rows = (0..<chunk.count).filter { !known.contains($0) }
    if raw.last?.source != source { raw.append((source, StreamingDigest())) }
    let hash = raw.last!.hash
    // Few at a time: each may have some mebibytes.
    let most = 8 * team.count
    for start in stride(from: 0, to: rows.count, by: most) {
      let piece = rows[start..<min(start + most, rows.count)]
      nonisolated(unsafe) let lender = bytes
      let made = try team.map(piece.count) { place in
        workshop.with { own in
          var digest: Digest?
          let sound = MadeSound.make(piece[piece.startIndex + place], of: chunk, in: fields, lender, at: own) {
            digest = Digest(of: $0)
          }
          return (sound, digest)
        }
      }
      for (row, (sound, digest)) in zip(piece, made) {
        let name = chunk.text(row, of: listing.path, in: fields) ?? ""
        let shown = targets.map { chunk.text(row, of: $0, in: fields) ?? "" }.joined(separator: "\0")
        switch sound {
        case .failure(let fault):
          faults.append(RowFault(row: row, "\(name): \(fault.reason)"))
          note("\(name)\0\(shown)\0\(fault.reason)", in: hash)
        case .success(let sound):
          (places[row], clips[row]) = (Double(count), Double(sound.clips))
          note("\(name)\0\(shown)\0\(digest.map { "\($0)" } ?? "")", in: hash)
          try writer.append(contentsOf: sound.numbers)
          count += sound.clips
        }
      }
      SignsOfLife.note()
    }
    return TableChunk(
      count: chunk.count, columns: chunk.columns + [RawColumn(.numbers(places)), RawColumn(.numbers(clips))],
      places: chunk.places, faults: faults.sorted { $0.row < $1.row })
  }

  private func note(_ text: String, in hash: StreamingDigest) {
    Array("\(text)\n".utf8).withUnsafeBytes { hash.update($0) }
  }

  /// All clips; and of the names, targets and bytes of each source's sounds: `train sha256:…`.
  func finish() throws -> (clips: MappedArray<Float>, sources: [String]) {
    let sources = raw.map { source, hash in "\(source.split(separator: "/").last ?? "") \(hash.finish())" }
    return (try writer.finish(), sources)
  }
}
