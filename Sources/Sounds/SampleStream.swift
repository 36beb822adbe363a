import CKernels

/// The samples of a sound at another rate than its own, from its beginning on, without all of it in memory: a window of the file's
/// samples moves along.
final class SampleStream {
  private let file: SoundFile
  /// nil: the rates are the same.
  private let resampler: Resampler?
  /// Samples of the file from `first` on, `held` of them; the resampler's silence before them counts as samples.
  private let window: SoundMemory
  private var first = 0
  private var held = 0
  /// Samples that there are in all, at the new rate; known at the end of the file.
  private(set) var length: Int?

  init(_ file: SoundFile, _ resampler: Resampler?, using window: SoundMemory) {
    (self.file, self.resampler, self.window) = (file, resampler, window)
    held = resampler?.reach ?? 0
    window.room(held).update(repeating: 0, count: held)
  }

  /// Overwrites the beginning of `out` with samples from `start` on, which are not before those asked for last.
  ///
  /// - Returns: how many: fewer than `count` only where the sound ends.
  func read(from start: Int, count: Int, into out: UnsafeMutablePointer<Float>) throws(SoundFault) -> Int {
    var done = 0
    while done < count {
      let piece = min(count - done, resampler?.outputs(of: SoundFile.block) ?? SoundFile.block)
      let found = try readPiece(from: start + done, count: piece, into: out + done)
      done += found
      if found < piece { break }
    }
    return done
  }

  private func readPiece(from start: Int, count: Int, into out: UnsafeMutablePointer<Float>) throws(SoundFault) -> Int {
    let needed = resampler?.inputs(of: start..<start + count) ?? start..<start + count
    try move(to: needed.lowerBound)
    while length == nil, first + held < needed.upperBound { try readBlock() }
    var count = count
    if let length {
      count = min(count, max(0, length - start))
      // Silence behind the sound.
      if first + held < needed.upperBound {
        let missing = needed.upperBound - first - held
        (window.room(held + missing, keeping: held) + held).update(repeating: 0, count: missing)
        held += missing
      }
    }
    guard count > 0 else { return 0 }
    let from = window.base + (needed.lowerBound - first)
    if let resampler {
      resampler.resample(from, from: start, count: count, into: out)
    } else {
      out.update(from: from, count: count)
    }
    return count
  }

  /// Lets what stands before `place` go.
  private func move(to place: Int) throws(SoundFault) {
    while length == nil, first + held <= place {
      (first, held) = (first + held, 0)
      try readBlock()
    }
    let gone = min(max(0, place - first), held)
    guard gone > 0 else { return }
    window.base.update(from: window.base + gone, count: held - gone)
    (first, held) = (first + gone, held - gone)
  }

  private func readBlock() throws(SoundFault) {
    let found = try file.next(into: window.room(held + SoundFile.block, keeping: held) + held)
    held += found
    guard found == 0 else { return }
    length = resampler?.count(of: file.count) ?? file.count
  }

  /// Reads to the end, as what is wrong may be found there; returns how many samples there are at the new rate.
  func finish() throws(SoundFault) -> Int {
    while length == nil {
      (first, held) = (first + held, 0)
      try readBlock()
    }
    return length!
  }
}
