import CKernels

/// Computes the frames of clips of one length; one thread at a time.
final class Spectrum {
  let form: SpectrumForm
  private let window: [Float]
  private let plan: FourierPlan
  private let bands: BandWeights
  /// F×C, F bands and C coefficients.
  private let cosines: [Float]
  private let padded = SoundMemory()
  private let scratch = SoundMemory()
  private let logarithms = SoundMemory()

  init(_ form: SpectrumForm, rate: Int) {
    self.form = form
    window = Self.hann(form.window, in: form.size)
    plan = FourierPlan(size: form.size)
    bands = Self.bands(form, rate: rate)
    cosines = form.cepstra.map { Self.cosines(bands: form.bands ?? form.size / 2 + 1, count: $0) } ?? []
  }

  static func bands(_ form: SpectrumForm, rate: Int) -> BandWeights {
    guard let count = form.bands else { return BandWeights(frequencies: form.size / 2 + 1) }
    return form.mel.bands(
      count, from: form.low, to: form.high, size: form.size, rate: rate, equalArea: form.equalArea)
  }

  /// ½ - ½·cos(2π·i / W): the window of W samples that repeats itself, zeros beside it.
  static func hann(_ width: Int, in size: Int) -> [Float] {
    var window = [Float](repeating: 0, count: size)
    for i in 0..<width {
      window[(size - width) / 2 + i] = Float(0.5 - 0.5 * Trigonometry.cosine(pi: 2 * Double(i) / Double(width)))
    }
    return window
  }

  /// Orthonormal rows of DCT-II, a column each: √(2/F)·cos(π·c·(2f + 1) / 2F), of c = 0 divided by √2.
  static func cosines(bands: Int, count: Int) -> [Float] {
    (0..<bands).flatMap { f in
      (0..<count).map { c in
        let norm = ((c == 0 ? 1 : 2) / Double(bands)).squareRoot()
        return Float(norm * Trigonometry.cosine(pi: Double(c * (2 * f + 1)) / Double(2 * bands)))
      }
    }
  }

  /// Overwrites T×F numbers with those of a clip.
  func frames(of clip: UnsafePointer<Float>, count: Int, into out: UnsafeMutablePointer<Float>) {
    let (size, T, plain) = (form.size, form.frames(of: count), form.plain)
    let total = (T - 1) * form.hop + size
    let padded = padded.room(total)
    padded.update(repeating: 0, count: total)
    padded.advanced(by: size / 2).update(from: clip, count: min(count, total - size / 2))
    let bandCount = form.bands ?? size / 2 + 1
    // Cepstra are made of bands, and rates of change stand beside what they are taken of.
    let isDirect = form.cepstra == nil && form.deltas == 0
    let rows = isDirect ? out : logarithms.room(T * (bandCount + plain))
    fill(rows, frames: T, from: padded)
    scale(rows, count: T * bandCount)
    var numbers = rows
    if form.cepstra != nil {
      numbers = rows + T * bandCount
      ck_cepstra(numbers, rows, cosines, T, bandCount, plain)
    }
    guard !isDirect else { return }
    for t in 0..<T { (out + t * form.width).update(from: numbers + t * plain, count: plain) }
    for order in 0..<form.deltas {
      DeltaFilter(order: order + 1).apply(to: numbers, T, plain, into: out + (order + 1) * plain, stride: form.width)
    }
  }

  private func fill(_ rows: UnsafeMutablePointer<Float>, frames: Int, from samples: UnsafePointer<Float>) {
    window.withUnsafeBufferPointer { window in
      plan.places.withUnsafeBufferPointer { places in
        plan.twiddles.withUnsafeBufferPointer { twiddles in
          bands.firsts.withUnsafeBufferPointer { firsts in
            bands.counts.withUnsafeBufferPointer { counts in
              bands.weights.withUnsafeBufferPointer { weights in
                var spectrum = ck_spectrum(
                  size: Int32(form.size), hop: Int32(form.hop), window: window.baseAddress, places: places.baseAddress,
                  twiddles: twiddles.baseAddress, power: Int32(form.power), bands: Int32(firsts.count),
                  firsts: firsts.baseAddress, counts: counts.baseAddress, weights: weights.baseAddress)
                ck_band_frames(rows, samples, frames, &spectrum, scratch.room(ck_band_scratch(&spectrum)))
              }
            }
          }
        }
      }
    }
  }

  private func scale(_ rows: UnsafeMutablePointer<Float>, count: Int) {
    switch form.scale {
    case .linear: break
    case .natural: ck_logarithms(rows, count, form.floor, 1)
    case .decibels:
      ck_logarithms(rows, count, form.floor, 10 / ck_log(10))
      if let range = form.range { ck_at_least(rows, count, ck_largest(rows, count) - Float(range)) }
    }
  }
}
