import Diagnostics
import Files
import Foundation
import Sounds
import Tables
import Tensors

/// Puts the features of sounds into one array, in the order in which they are listed.
package final class SoundShelf: FileShelf, @unchecked Sendable {
  private let writer: ArrayWriter<Float>
  private let workshop: SoundWorkshop
  private let directory: String
  /// Whether a sound so far was of Vorbis.
  private(set) var hasVorbis = false
  /// Clips so far.
  private var count = 0

  /// The columns of the place of a sound's first clip, and of the number of its clips.
  static let (column, clipsColumn) = ("\u{0}clip", "\u{0}clips")
  package static let columns = [RawField(column, .number), RawField(clipsColumn, .number)]

  init(_ form: SoundForm, into directory: String) throws {
    self.directory = directory
    writer = try ArrayWriter("\(directory)/clips.npy", width: form.count, isKept: false)
    workshop = SoundWorkshop(form)
  }

  package func look(at place: FilePlace) throws -> (item: MadeSound, digest: Digest) {
    try workshop.with { own in
      let bytes = try place.sound(using: own.file)
      let hash = StreamingDigest()
      try bytes.forEachPiece { hash.update($0) }
      return (try MadeSound(bytes, own.maker, spillingInto: directory), hash.finish())
    }
  }

  package func add(_ sound: consuming MadeSound) throws -> [Double] {
    let place = count
    try sound.forEachPiece { try writer.append(contentsOf: $0) }
    count += sound.clips
    hasVorbis = hasVorbis || sound.isVorbis
    return [Double(place), Double(count - place)]
  }

  /// All clips.
  func finish() throws -> MappedArray<Float> { try writer.finish() }

  /// Deletes them, where they are no longer needed.
  func remove() throws {
    guard unlink(writer.path) == 0 else { throw Failure.system("unlink", writer.path, errno: errno) }
  }
}
