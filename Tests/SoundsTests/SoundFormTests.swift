import Testing

@testable import Sounds

/// Clips: which part of a sound they are, and what is beside a short one.
@Suite struct SoundFormTests {
  private func made(_ form: SoundForm, _ samples: [Int16], rate: Int = 8000) throws -> [Float] {
    try wave(samples, rate: rate).withUnsafeBytes { try SoundMaker(form).make($0) }.numbers.map { $0 * 32_768 }
  }

  @Test func shortAndLongSounds() throws {
    var form = SoundForm(rate: 8000, samples: 5, spectrum: nil)
    #expect(try made(form, [1, 2]) == [0, 1, 2, 0, 0] || made(form, [1, 2]) == [0, 0, 1, 2, 0])
    #expect(try made(form, [1, 2, 3, 4, 5, 6, 7]) == [2, 3, 4, 5, 6])
    form.fit = .begin
    #expect(try made(form, [1, 2]) == [1, 2, 0, 0, 0])
    #expect(try made(form, [1, 2, 3, 4, 5, 6, 7]) == [1, 2, 3, 4, 5])
  }

  @Test func severalClips() throws {
    var form = SoundForm(rate: 8000, samples: 4, clips: 3, spectrum: nil)
    #expect(form.starts(in: 3) == [-1] && form.starts(in: 4) == [0] && form.starts(in: 5) == [0, 1])
    #expect(form.starts(in: 12) == [0, 4, 8] && form.starts(in: 1004) == [0, 500, 1000])
    #expect(try made(form, [1, 2, 3, 4, 5]) == [1, 2, 3, 4, 2, 3, 4, 5])
    form.clips = 1
    #expect(form.starts(in: 12) == [4])
  }

  /// A tone stays what it was at another rate, but at the ends.
  @Test func tonesAtOtherRates() throws {
    let tone = (0..<4410).map { Int16(20_000 * Trigonometry.sine(pi: Double($0) * 0.02)) }
    for rate in [8000, 16_000, 22_050] {
      let form = SoundForm(rate: rate, samples: rate / 10, fit: .begin, spectrum: nil)
      let found = try made(form, tone, rate: 44_100)
      // 441 Hz; what is beside half the rate is about 100 dB below it.
      let worst = (200..<found.count - 200).map { place in
        abs(Double(found[place]) / 20_000 - Trigonometry.sine(pi: Double(place) * 882 / Double(rate)))
      }.max()!
      #expect(worst < 1e-4, "\(rate): \(worst)")
    }
  }

  @Test func whatCannotBeComputed() {
    var form = SoundForm(
      rate: 16_000, samples: 1600, spectrum: SpectrumForm(window: 400, hop: 160, size: 512, high: 8000))
    #expect(form.isUsable && form.frames == 11 && form.width == 257)
    form.spectrum!.deltas = 2
    #expect(form.isUsable && form.width == 771)
    form.samples = 1000
    // Fewer than nine frames.
    #expect(!form.isUsable)
    form.spectrum!.deltas = 0
    form.spectrum!.bands = 200
    #expect(form.isUsable && form.hasEmptyBands)
    form.spectrum!.bands = 20
    #expect(!form.hasEmptyBands)
    for size in [15, 24, 1 << 17] {
      form.spectrum!.size = size
      #expect(!form.isUsable)
    }
  }

  /// Every sixteenth frame is one of a row of sixteen, and what a frame becomes does not depend on its place.
  @Test func framesDoNotDependOnTheirPlace() throws {
    var form = SpectrumForm(window: 64, hop: 16, size: 64, high: 4000)
    (form.bands, form.range) = (10, nil)
    let samples = (0..<64 * 16).map { place -> Float in
      let number = place * 7919 % 1000
      return Float(number) / 1000 - 0.5
    }
    let repeated = samples + samples + samples
    let spectrum = Spectrum(form, rate: 8000)
    var numbers = [Float](repeating: 0, count: form.frames(of: repeated.count) * 10)
    spectrum.frames(of: repeated, count: repeated.count, into: &numbers)
    // 64 frames later, and 64 + 5.
    #expect(numbers[200..<400] == numbers[840..<1040])
    var later = [Float](repeating: 0, count: form.frames(of: repeated.count - 80) * 10)
    spectrum.frames(of: Array(repeated.dropFirst(80)), count: repeated.count - 80, into: &later)
    #expect(later[200..<400] == numbers[250..<450])
  }
}
