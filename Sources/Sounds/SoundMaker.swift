import CKernels
import Diagnostics

/// Makes numbers of sounds; what one thread needs for it is kept from sound to sound.
package final class SoundMaker {
  package let form: SoundForm
  private let spectrum: Spectrum?
  private let window = SoundMemory()
  private let clip = SoundMemory()
  private let numbers = SoundMemory()
  /// By the rate of a sound.
  private var resamplers: [Int: Resampler] = [:]

  package init(_ form: SoundForm) {
    self.form = form
    spectrum = form.spectrum.map { Spectrum($0, rate: form.rate) }
  }

  /// Makes the clips of a file as it is decoded, one behind the other, without all of it in memory.
  ///
  /// - Parameter take: is lent the T×F numbers of each clip, with its number, from 0 on. Where a file says wrongly how long it is, all
  ///   come once more, from 0 on.
  /// - Returns: how many clips there are, and whether the sound was compressed by Vorbis.
  package func make(
    _ bytes: SoundBytes, take: (_ clip: Int, UnsafeBufferPointer<Float>) throws -> Void
  ) throws -> (clips: Int, isVorbis: Bool) {
    let file = try SoundFile(bytes)
    let resampler = try resampler(from: file.rate)
    func length(_ count: Int) throws(SoundFault) -> Int {
      let found = resampler?.count(of: count) ?? count
      guard found <= SoundFile.mostSamples else {
        throw SoundFault("expected at most \(SoundFile.mostSamples) samples at \(form.rate) Hz, found more")
      }
      return found
    }
    let told: Int
    if let own = file.told, own > 0 { told = try length(own) } else { told = try length(Self.count(bytes)) }
    let stream = SampleStream(file, resampler, using: window)
    let clips = try make(stream, of: told, take)
    let found = try stream.finish()
    guard found != told else { return (clips, file.isVorbis) }
    // A file that has more than it says.
    let again = SampleStream(try SoundFile(bytes), resampler, using: window)
    return (try make(again, of: found, take), file.isVorbis)
  }

  /// The numbers of all clips of a file in memory, one behind the other, and how many clips.
  package func make(_ bytes: UnsafeRawBufferPointer) throws(SoundFault) -> (numbers: [Float], clips: Int) {
    var numbers: [Float] = []
    do {
      let clips = try make(SoundBytes(bytes)) { clip, own in
        if clip == 0 { numbers.removeAll(keepingCapacity: true) }
        numbers += own
      }.clips
      return (numbers, clips)
    } catch { throw error as! SoundFault }
  }

  /// How many samples a file has, which does not say it.
  private static func count(_ bytes: SoundBytes) throws(SoundFault) -> Int {
    let (file, memory) = (try SoundFile(bytes), SoundMemory())
    while try file.next(into: memory.room(SoundFile.block)) > 0 {}
    return file.count
  }

  /// Makes the clips of a sound that has `length` samples.
  private func make(
    _ stream: SampleStream, of length: Int, _ take: (_ clip: Int, UnsafeBufferPointer<Float>) throws -> Void
  ) throws -> Int {
    let (starts, out) = (form.starts(in: length), numbers.room(form.count))
    // Samples that are in `clip` already, where clips lie over each other.
    var held = 0..<0
    for (place, start) in starts.enumerated() {
      let own = try cut(stream, from: start, held: &held)
      if let spectrum {
        spectrum.frames(of: own, count: form.samples, into: out)
      } else {
        out.update(from: own, count: form.samples)
      }
      try take(place, UnsafeBufferPointer(start: out, count: form.count))
      SignsOfLife.note()
    }
    return starts.count
  }

  /// A clip, silent before and behind the sound. `held` becomes the samples of the sound that it has.
  private func cut(_ stream: SampleStream, from start: Int, held: inout Range<Int>) throws -> UnsafePointer<Float> {
    let room = clip.room(form.samples, keeping: held.count)
    let (first, before) = (max(0, start), max(0, -start))
    let kept = max(0, held.upperBound - first)
    if kept > 0 { room.update(from: room + (first - held.lowerBound), count: kept) }
    room.update(repeating: 0, count: before)
    let wanted = form.samples - before - kept
    let found = try stream.read(from: first + kept, count: wanted, into: room + before + kept)
    (room + before + kept + found).update(repeating: 0, count: wanted - found)
    held = first..<first + kept + found
    return UnsafePointer(room)
  }

  private func resampler(from rate: Int) throws(SoundFault) -> Resampler? {
    guard rate != form.rate else { return nil }
    if resamplers[rate] == nil {
      if resamplers.count >= 8 { resamplers.removeAll() }
      resamplers[rate] = try Resampler(from: rate, to: form.rate)
    }
    return resamplers[rate]
  }
}
