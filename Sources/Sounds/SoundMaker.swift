/// Makes numbers of sounds; what one thread needs for it is kept from sound to sound.
package final class SoundMaker {
  package let form: SoundForm
  private let spectrum: Spectrum?
  private let decoded = SoundMemory()
  private let resampled = SoundMemory()
  private let clip = SoundMemory()
  /// By the rate of a sound.
  private var resamplers: [Int: Resampler] = [:]

  package init(_ form: SoundForm) {
    self.form = form
    spectrum = form.spectrum.map { Spectrum($0, rate: form.rate) }
  }

  /// The numbers of all clips of a file, one behind the other: T×F each.
  ///
  /// - Returns: also how many clips, and how many samples of the file's own rate there are.
  package func make(_ bytes: UnsafeRawBufferPointer) throws(SoundFault) -> (numbers: [Float], clips: Int, samples: Int)
  {
    let (samples, length) = try sound(bytes)
    let sound = resampled.base
    let starts = form.starts(in: length)
    let numbers = [Float](unsafeUninitializedCapacity: starts.count * form.count) { out, count in
      for (place, start) in starts.enumerated() {
        let own = cut(sound, length, from: start)
        let target = out.baseAddress! + place * form.count
        if let spectrum {
          spectrum.frames(of: own, count: form.samples, into: target)
        } else {
          target.update(from: own, count: form.samples)
        }
      }
      count = starts.count * form.count
    }
    return (numbers, starts.count, samples)
  }

  /// Decodes a file into `resampled`; returns the samples that it has, and that these became.
  private func sound(_ bytes: UnsafeRawBufferPointer) throws(SoundFault) -> (Int, Int) {
    let (count, rate) = try SoundFile.read(bytes, into: decoded)
    guard rate != form.rate else {
      resampled.room(count).update(from: decoded.base, count: count)
      return (count, count)
    }
    if resamplers[rate] == nil {
      if resamplers.count >= 8 { resamplers.removeAll() }
      resamplers[rate] = try Resampler(from: rate, to: form.rate)
    }
    let resampler = resamplers[rate]!
    guard resampler.count(of: count) <= SoundFile.mostSamples else {
      throw SoundFault("expected at most \(SoundFile.mostSamples) samples at \(form.rate) Hz, found more")
    }
    return (count, resampler.resample(decoded.base, count: count, into: resampled))
  }

  /// A clip, silent before and behind the sound.
  private func cut(_ sound: UnsafePointer<Float>, _ length: Int, from start: Int) -> UnsafePointer<Float> {
    let room = clip.room(form.samples)
    let (first, end) = (max(0, start), min(length, start + form.samples))
    let before = max(0, -start)
    room.update(repeating: 0, count: before)
    (room + before).update(from: sound + first, count: end - first)
    (room + before + end - first).update(repeating: 0, count: form.samples - before - (end - first))
    return UnsafePointer(room)
  }
}
