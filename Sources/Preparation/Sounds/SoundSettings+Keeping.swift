import Diagnostics
import Files
import Sounds
import Tables
import Tensors

// Of sounds their features are kept: they are decoded once.
extension SoundSettings: ListedContent {
  package static let kind = ListedKind.sounds
  package var clips: Int { form.clips }
  /// Whether libvorbis is needed besides is seen when files are decoded.
  package var keptIdentity: String { "\(files.identity)\ndecoder=\(SoundFile.version)" }

  package func shelf(in directory: String) throws -> SoundShelf { try SoundShelf(form, into: directory) }

  package func keep(_ parts: ListedParts, of shelf: SoundShelf, _ packed: PackedFiles) throws -> PreparedSounds.Summary
  {
    let (kept, clips) = (KeptNames(parts.directory), try shelf.finish())
    let (firsts, counts) = (parts.column(SoundShelf.column), parts.column(SoundShelf.clipsColumn))
    var (digests, found) = ([Digest(of: "\(parts.classes ?? [])"), try parts.writeNames()], [String: Int]())
    for part in Part.allCases {
      let rows = parts.rows(of: part)
      let own = rows.reduce(0) { $0 + Int(counts[$1]) }
      found["\(part)"] = own
      guard own > 0 else { continue }
      let (writer, places) = (
        try ArrayWriter<Float>(PreparedSounds.features(part, in: parts.directory), width: form.count),
        try ArrayWriter<Int64>(kept.places(part, Self.kind), width: 2)
      )
      for row in rows {
        let first = Int(firsts[row])
        for clip in 0..<Int(counts[row]) {
          try writer.append(contentsOf: clips.array((first + clip) * form.count..<(first + clip + 1) * form.count))
          try places.append(contentsOf: [Int64(row), Int64(clip)])
        }
      }
      let repeated = rows.lazy.flatMap { repeatElement($0, count: Int(counts[$0])) }
      digests += [
        try writer.finish().digest, try parts.writeTargets(of: repeated, part), try places.finish().digest,
      ]
    }
    try shelf.remove()
    return PreparedSounds.Summary(
      raw: packed.raw, split: packed.split, prepared: KeptParts.joined(digests), classes: parts.classes,
      clips: found, rows: packed.rows, aside: packed.aside, sources: packed.sources,
      vorbis: shelf.hasVorbis ? SoundFile.vorbisVersion : nil)
  }

  package func opened(_ directory: String, isNew: Bool) throws -> PreparedSounds {
    let prepared = try PreparedSounds(directory, self, isNew: isNew)
    guard let vorbis = prepared.summary.vorbis, vorbis != SoundFile.vorbisVersion else { return prepared }
    throw Failure(
      .badData, at: directory, "expected sounds that \(SoundFile.vorbisVersion) decoded, found those of \(vorbis)",
      cure: "delete it, or name another folder (keep-under)")
  }

  package func maker(_ fitted: FittedSounds) -> LooseSounds { LooseSounds(fitted.form) }
}

/// Makes features of sounds that are not kept.
package struct LooseSounds: LooseMaker {
  private let workshop: SoundWorkshop

  init(_ form: SoundForm) { workshop = SoundWorkshop(form) }

  package func make(_ place: FilePlace) throws -> MadeSound {
    try workshop.with { own in
      try MadeSound(place.sound(using: own.file), own.maker, spillingInto: nil)
    }
  }

  package func clips(of item: MadeSound) -> Int { item.clips }
}
