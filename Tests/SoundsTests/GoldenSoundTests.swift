import Goldens
import Tensors
import Testing

@testable import Sounds

/// Sounds of every kind, and what becomes of them by formulas in NumPy and by librosa: see Tests/Goldens/make-sounds.py.
@Suite struct GoldenSoundTests {
  struct Expected: Decodable {
    struct File: Decodable {
      let file: String
      let rate: Int
      let count: Int
      let sha256: String
    }
    struct Features: Decodable {
      let window, hop, size, power: Int
      let bands: Int?
      let low, high: Double
      let mel: MelScale
      let equalArea: Bool
      let scale: SpectrumForm.Scale
      let floor: Float
      let range: Double?
      let cepstra: Int?
      let deltas: Int
      let shape: [Int]
      let values: [Double]

      var form: SpectrumForm {
        var form = SpectrumForm(window: window, hop: hop, size: size, high: high, low: low)
        (form.power, form.bands, form.mel, form.equalArea) = (power, bands, mel, equalArea)
        (form.scale, form.floor, form.range, form.cepstra, form.deltas) = (scale, floor, range, cepstra, deltas)
        return form
      }
    }
    struct Rate: Decodable {
      let from, to: Int
      let values: [Float]
      let expected: [Double]
    }
    let files: [File]
    let features: [Features]
    let rates: [Rate]
  }

  private func expected() throws -> Expected { try golden("sounds/expected.json") }

  /// Whole numbers and floats of any width, order of bytes and number of channels: to the bit.
  @Test func samplesAreThoseThatWereWritten() throws {
    let files = try expected().files
    #expect(files.count == 14)
    for file in files {
      let (samples, rate) = try decoded(contents(file.file))
      #expect(rate == file.rate && samples.count == file.count, "\(file.file)")
      let digest = samples.withUnsafeBytes { Digest(of: $0) }
      #expect(digest.hex == file.sha256, "\(file.file)")
    }
    #expect(try decoded(contents("vorbis.ogg")).samples.count == 3200)
    #expect(try decoded(contents("law.wav")).samples.count == 240)
  }

  /// Bands are of single precision, the expected ones of double. Decibels: what lies 80 below a clip's loudest band is off by
  /// 2·10⁻³ of itself, a hundredth of a decibel; rates of change and cepstra are sums of such.
  @Test func featuresAreThoseOfTheFormulas() throws {
    let cases = try expected().features
    #expect(cases.count == 6)
    let speech = try contents("speech.wav")
    for expected in cases {
      let form = SoundForm(rate: 16_000, samples: 1920, spectrum: expected.form)
      #expect([form.frames, form.width] == expected.shape && form.isUsable)
      let made = try speech.withUnsafeBytes { try SoundMaker(form).make($0) }
      #expect(made.clips == 1)
      let tolerance = expected.scale == .linear ? 2e-5 : 0.02
      let worst = zip(made.numbers, expected.values).map { abs(Double($0) - $1) }.max() ?? .infinity
      #expect(made.numbers.count == expected.values.count && worst < tolerance, "\(expected.form): \(worst)")
    }
  }

  /// 3e-6: sums of up to 256 products below 1, in single precision.
  @Test func otherRates() throws {
    for rate in try expected().rates {
      let found = resampled(rate.values.map { Float($0) }, try Resampler(from: rate.from, to: rate.to))
      #expect(distance(found, rate.expected) < 3e-6, "\(rate.from) to \(rate.to)")
    }
  }

  /// The transform of any size that is meant is that of the definition: 3e-6 of the largest number.
  @Test(arguments: [16, 32, 64, 128, 256, 1024, 2048]) func transforms(size: Int) throws {
    let random = Philox(seed: 3, purpose: .data)
    let samples = (0..<2 * size).map { Float(random.block(stream: 0, index: UInt64($0)).x.unitInterval) - 0.5 }
    var form = SpectrumForm(window: size, hop: size, size: size, high: 4000)
    form.scale = .linear
    var found = [Float](repeating: 0, count: 3 * (size / 2 + 1))
    Spectrum(form, rate: 8000).frames(of: samples, count: 2 * size, into: &found)
    let window = Spectrum.hann(size, in: size)
    let frame = (0..<size).map { Double(samples[size / 2 + $0]) * Double(window[$0]) }
    let expected = (0...size / 2).map { k in
      var (re, im) = (0.0, 0.0)
      for i in 0..<size {
        let turn = 2 * Double(i * k % size) / Double(size)
        re += frame[i] * Trigonometry.cosine(pi: turn)
        im -= frame[i] * Trigonometry.sine(pi: turn)
      }
      return re * re + im * im
    }
    let own = found[(size / 2 + 1)..<2 * (size / 2 + 1)]
    let worst = zip(own, expected).map { abs(Double($0) - $1) }.max()!
    #expect(worst < 3e-6 * expected.max()!)
  }
}
