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
  /// Clips so far.
  private var count = 0

  /// The columns of the place of a sound's first clip, and of the number of its clips.
  static let (column, clipsColumn) = ("\u{0}clip", "\u{0}clips")
  package static let columns = [RawField(column, .number), RawField(clipsColumn, .number)]

  init(_ form: SoundForm, into directory: String) throws {
    writer = try ArrayWriter("\(directory)/clips.npy", width: form.count, isKept: false)
    workshop = SoundWorkshop(form)
  }

  package func look(at place: FilePlace) throws(FileFault) -> (item: MadeSound, digest: Digest) {
    try workshop.with { own throws(FileFault) in
      let bytes = try place.bytes(using: own.file)
      return (try MadeSound(bytes, own), Digest(of: bytes))
    }
  }

  package func add(_ sound: consuming MadeSound) throws -> [Double] {
    let place = count
    try writer.append(contentsOf: sound.numbers)
    count += sound.clips
    return [Double(place), Double(count - place)]
  }

  /// All clips.
  func finish() throws -> MappedArray<Float> { try writer.finish() }

  /// Deletes them, where they are no longer needed.
  func remove() throws {
    guard unlink(writer.path) == 0 else { throw Failure.system("unlink", writer.path, errno: errno) }
  }
}
