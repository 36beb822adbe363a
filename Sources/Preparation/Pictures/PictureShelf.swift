import Diagnostics
import Pictures
import Tables
import Tensors

/// Puts pictures that can be decoded into shards, as they are.
package final class PictureShelf: FileShelf, @unchecked Sendable {
  let shards: ShardWriter
  private let pool = ScratchPool()
  /// Whether all pictures so far are shades of grey, and the size that they share; nil: they have several.
  private(set) var areGrey = true
  private(set) var size: (height: Int, width: Int)?
  private var hasSeveralSizes = false

  init(_ directory: String) throws { shards = try ShardWriter(directory) }

  /// What becomes of one picture.
  package struct Item {
    let bytes: [UInt8]
    let checksum: UInt64
    let height: Int
    let width: Int
    let isColoured: Bool
  }

  /// The column that tells a row's place in the shards.
  static let column = "\u{0}picture"
  package static let columns = [RawField(column, .number)]

  /// Decodes all of a picture once: what training meets later has been decoded before.
  package func look(at place: FilePlace) throws(FileFault) -> (item: Item, digest: Digest) {
    try pool.with { scratch throws(FileFault) in
      let bytes = try place.bytes(using: scratch.file)
      let header = try PictureForm.checked(bytes, using: scratch)
      var sum = Checksum()
      sum.add(bytes)
      let item = Item(
        bytes: Array(bytes), checksum: sum.value, height: header.height, width: header.width,
        isColoured: header.isColoured)
      return (item, Digest(of: bytes))
    }
  }

  package func add(_ picture: consuming Item) throws -> [Double] {
    let place = shards.count
    try picture.bytes.withUnsafeBytes {
      try shards.append($0, height: picture.height, width: picture.width, checksum: picture.checksum)
    }
    areGrey = areGrey && !picture.isColoured
    if size == nil, !hasSeveralSizes { size = (picture.height, picture.width) }
    if let size, size != (picture.height, picture.width) { (self.size, hasSeveralSizes) = (nil, true) }
    return [Double(place)]
  }
}
