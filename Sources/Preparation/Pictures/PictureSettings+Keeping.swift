import Diagnostics
import Files
import Pictures
import Tables
import Tensors

// Pictures are kept as they are, and decoded as they are gathered.
extension PictureSettings: ListedContent {
  package static let kind = ListedKind.pictures
  package var clips: Int { 1 }
  /// The same shards serve samples of any form.
  package var keptIdentity: String { files.packing }

  package func shelf(in directory: String) throws -> PictureShelf { try PictureShelf(directory) }

  package func keep(_ parts: ListedParts, of shelf: PictureShelf, _ packed: PackedFiles) throws
    -> PreparedPictures.Summary
  {
    let (kept, shelves) = (KeptNames(parts.directory), parts.column(PictureShelf.column))
    var digests = try [shelf.shards.finish(), Digest(of: "\(parts.classes ?? [])"), parts.writeNames()]
    for part in Part.allCases {
      let rows = parts.rows(of: part)
      guard !rows.isEmpty else { continue }
      let writer = try ArrayWriter<Int64>(kept.places(part, Self.kind), width: 2)
      for row in rows { try writer.append(contentsOf: [Int64(shelves[row]), Int64(row)]) }
      digests += [try writer.finish().digest, try parts.writeTargets(of: rows, part)]
    }
    return PreparedPictures.Summary(
      raw: packed.raw, split: packed.split, prepared: KeptParts.joined(digests), classes: parts.classes,
      areGrey: shelf.areGrey, size: shelf.size.map { [$0.height, $0.width] }, rows: packed.rows, aside: packed.aside,
      sources: packed.sources, shards: shelf.shards.sizes)
  }

  package func opened(_ directory: String, isNew: Bool) throws -> PreparedPictures {
    try PreparedPictures(directory, self, isNew: isNew)
  }

  package func maker(_ fitted: FittedPictures) -> LoosePictures { LoosePictures() }
}

/// Looks at pictures that are not kept: they are decoded where they lie.
package struct LoosePictures: LooseMaker {
  package struct Item: Sendable {
    package let place: FilePlace
    package let height: Int
    package let width: Int
  }

  private let pool = ScratchPool()

  package func make(_ place: FilePlace) throws(FileFault) -> Item {
    let header = try pool.with { scratch throws(FileFault) in
      try PictureForm.checked(place.bytes(using: scratch.file), using: scratch)
    }
    return Item(place: place, height: header.height, width: header.width)
  }

  package func clips(of item: Item) -> Int { 1 }
}
