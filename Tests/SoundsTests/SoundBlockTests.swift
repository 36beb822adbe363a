import Files
import TestSupport
import Testing

@testable import Sounds

/// Sounds that are read block by block have the bits that they have as a whole, wherever blocks end.
@Suite struct SoundBlockTests {
  private static func samples(_ count: Int) -> [Int16] {
    (0..<count).map { Int16(truncatingIfNeeded: ($0 * 7919 + $0 / 3 * 104_729) % 40_001 - 20_000) }
  }

  /// Clips by the definition, of all samples at once.
  private func whole(_ samples: [Int16], _ form: SoundForm, rate: Int) throws -> [Float] {
    let own = samples.map { Float(Double($0) * 65_536 / 0x1p31) }
    let sound = rate == form.rate ? own : resampled(own, try Resampler(from: rate, to: form.rate))
    let spectrum = form.spectrum.map { Spectrum($0, rate: form.rate) }
    return form.starts(in: sound.count).flatMap { start in
      let clip = (start..<start + form.samples).map { sound.indices.contains($0) ? sound[$0] : 0 }
      guard let spectrum else { return clip }
      return [Float](unsafeUninitializedCapacity: form.count) { out, count in
        spectrum.frames(of: clip, count: form.samples, into: out.baseAddress!)
        count = form.count
      }
    }
  }

  /// Lengths about those of blocks, clips that are longer and shorter than blocks, lie over each other, and leave much out.
  @Test(arguments: [8000, 11_025, 44_100, 7350, 48_000])
  func clipsAreThoseOfTheWhole(rate: Int) throws {
    var spectrum = SpectrumForm(window: 100, hop: 37, size: 128, high: 4000)
    spectrum.bands = 5
    for count in [1, 2, 63, 8191, 8192, 8193, 16_384, 24_577, 40_000] {
      let samples = Self.samples(count)
      let bytes = wave(samples, rate: rate)
      for (length, clips, fit) in [
        (100, 1, SoundForm.Fit.centre), (8192, 1, .begin), (8193, 3, .begin), (4000, 100, .begin), (1, 7, .centre),
        (20_000, 2, .centre),
      ] {
        let form = SoundForm(rate: 8000, samples: length, fit: fit, clips: clips, spectrum: nil)
        let found = try bytes.withUnsafeBytes { try SoundMaker(form).make($0) }
        let expected = try whole(samples, form, rate: rate)
        #expect(found.numbers.elementsEqual(expected) { $0.bitPattern == $1.bitPattern }, "\(count), \(form)")
      }
      let form = SoundForm(rate: 8000, samples: 3000, clips: 4, spectrum: spectrum)
      let found = try bytes.withUnsafeBytes { try SoundMaker(form).make($0) }
      #expect(try found.numbers == whole(samples, form, rate: rate), "\(count)")
    }
  }

  /// One maker makes sounds of several rates and lengths, one after the other; a file gives what memory gives.
  @Test func filesAndMemory() throws {
    let folder = try Folder()
    let maker = SoundMaker(SoundForm(rate: 8000, samples: 5000, clips: 50, spectrum: nil))
    // More than one window of a file.
    for (count, rate) in [(400_000, 44_100), (100, 8000), (300_001, 8000)] {
      let samples = Self.samples(count)
      let path = try folder.write("\(count).wav", wave(samples, rate: rate))
      var found: [Float] = []
      let made = try maker.make(SoundBytes(RegularFile(path))) { _, own in found += own }
      #expect(try found == whole(samples, maker.form, rate: rate) && made.clips * 5000 == found.count)
    }
  }

  /// A file that says that it has fewer samples than it has, or does not say how many.
  @Test func lengthsThatAreNotTold() throws {
    let samples = Self.samples(20_000)
    let form = SoundForm(rate: 8000, samples: 4096, clips: 9, spectrum: nil)
    var bytes = try contents("flac-16.flac")
    let told = try bytes.withUnsafeBytes { try SoundFile(SoundBytes($0)).told }
    let plain = try bytes.withUnsafeBytes { try SoundMaker(form).make($0) }
    // The number of samples in STREAMINFO, 36 bits.
    bytes[21] &= 0xF0
    bytes.replaceSubrange(22..<26, with: [0, 0, 0, 0])
    let untold = try bytes.withUnsafeBytes { try SoundMaker(form).make($0) }
    #expect(told ?? 0 > 0 && untold.numbers == plain.numbers)
    // As a program writes it to a pipe.
    var pipe = wave(samples)
    pipe.replaceSubrange(40..<44, with: [255, 255, 255, 255])
    let found = try pipe.withUnsafeBytes { try SoundMaker(form).make($0) }
    #expect(try found.numbers == whole(samples, form, rate: 8000))
  }
}
