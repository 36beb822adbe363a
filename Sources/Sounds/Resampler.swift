import CKernels

/// Brings sounds of one rate to another: a windowed sinc, of which each output takes the phase that it lies at.
///
/// With r the lower of both rates over that of the sound, s = 0.9·r and d the distance in samples, a weight is
/// s·sinc(s·d)·I₀(10·√(1 - (s·d/32)²)) / I₀(10), and 0 from 32 zeros of the sinc on: half the amplitude at 0.9 of half the lower rate,
/// and about 100 dB less at the whole of it. Weights are computed in double precision and rounded.
final class Resampler {
  /// up / down is the new rate over the old one.
  let up: Int
  let down: Int
  /// Samples to each side, which are silent before the beginning and behind the end; and weights of each phase.
  let reach: Int
  private let taps: Int
  private let filter: [Float]

  private static let (zeros, rolloff, beta) = (32.0, 0.9, 10.0)
  private static let mostWeights = 1 << 24

  init(from old: Int, to new: Int) throws(SoundFault) {
    var (a, b) = (old, new)
    while b != 0 { (a, b) = (b, a % b) }
    (up, down) = (new / a, old / a)
    let scale = Self.rolloff * min(1, Double(new) / Double(old))
    reach = Int((Self.zeros / scale).rounded(.up))
    taps = (2 * reach + 1 + Int(CK_TAPS) - 1) / Int(CK_TAPS) * Int(CK_TAPS)
    guard up * taps <= Self.mostWeights else {
      throw SoundFault("expected a rate in simple proportion to \(new) Hz, found \(old) Hz")
    }
    var filter = [Float](repeating: 0, count: up * taps)
    let whole = Trigonometry.bessel(Self.beta)
    for phase in 0..<up {
      for tap in 0...2 * reach {
        // From the output, which lies `phase` / up behind a sample.
        let distance = scale * abs(Double(tap - reach) - Double(phase) / Double(up))
        guard distance < Self.zeros else { continue }
        let place = distance / Self.zeros
        let window = Trigonometry.bessel(Self.beta * (1 - place * place).squareRoot()) / whole
        let sinc = distance == 0 ? 1 : Trigonometry.sine(pi: distance) / (Double.pi * distance)
        filter[phase * taps + tap] = Float(scale * sinc * window)
      }
    }
    self.filter = filter
  }

  /// How many samples become of `count`.
  func count(of count: Int) -> Int { (count * up + down - 1) / down }

  /// Samples that become of about so many.
  func outputs(of inputs: Int) -> Int { max(1, inputs * up / down) }

  /// The samples that some outputs are made of, and a few before them, where as many as `reach` stand silent before the first: outputs of
  /// one period of phases begin at the same one.
  func inputs(of outputs: Range<Int>) -> Range<Int> {
    outputs.lowerBound / up * down..<(outputs.upperBound - 1) * down / up + taps
  }

  /// Overwrites `out` with `count` outputs from `start` on; `x` are the inputs of these.
  func resample(_ x: UnsafePointer<Float>, from start: Int, count: Int, into out: UnsafeMutablePointer<Float>) {
    ck_resample_sound(out, x, count, start % up, filter, taps, up, down)
  }
}
