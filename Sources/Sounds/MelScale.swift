import CKernels

/// How high frequencies are heard, and bands that are equally wide there.
package enum MelScale: String, Sendable, CaseIterable, Codable {
  /// Linear below 1,000 Hz and logarithmic above: Slaney, *Auditory Toolbox* (1998), as librosa takes it.
  case slaney
  /// 2595·log₁₀(1 + f/700): O'Shaughnessy (1987), as HTK takes it.
  case htk

  // Slaney's: 200/3 Hz a mel up to 1,000 Hz, which are 15; from there on 27 mels are a factor of 6.4.
  private static let (width, bend) = (200.0 / 3, 1000.0)
  private static let step = ck_log(6.4) / 27

  func mel(_ hertz: Double) -> Double {
    switch self {
    case .slaney:
      hertz < Self.bend ? hertz / Self.width : Self.bend / Self.width + ck_log(hertz / Self.bend) / Self.step
    case .htk: 2595 * (ck_log(1 + hertz / 700) / ck_log(10))
    }
  }

  func hertz(_ mel: Double) -> Double {
    let bend = Self.bend / Self.width
    return switch self {
    case .slaney: mel < bend ? mel * Self.width : Self.bend * ck_exponential(Self.step * (mel - bend))
    case .htk: 700 * (ck_exponential(mel / 2595 * ck_log(10)) - 1)
    }
  }

  /// Triangles over the K = N/2 + 1 frequencies of a transform of N samples, `bands` of them, each from the middle of the one before
  /// it to that of the one behind.
  ///
  /// - Parameter equalArea: whether each is divided by half its width in Hz, as Slaney does, so that all have one area.
  func bands(_ bands: Int, from low: Double, to high: Double, size: Int, rate: Int, equalArea: Bool) -> BandWeights {
    let (first, last) = (mel(low), mel(high))
    let edges = (0..<bands + 2).map { hertz(first + (last - first) * Double($0) / Double(bands + 1)) }
    var weights = BandWeights()
    for band in 0..<bands {
      let (left, middle, right) = (edges[band], edges[band + 1], edges[band + 2])
      let height = equalArea ? 2 / (right - left) : 1
      let values = (0...size / 2).map { k in
        let frequency = Double(k) * Double(rate) / Double(size)
        return Float(max(0, min((frequency - left) / (middle - left), (right - frequency) / (right - middle))) * height)
      }
      weights.add(values)
    }
    return weights
  }
}

/// Sums of frequencies: the first of each band, how many, and their weights behind each other.
struct BandWeights {
  private(set) var firsts: [Int32] = []
  private(set) var counts: [Int32] = []
  private(set) var weights: [Float] = []

  /// Whether a band has no frequency at all, as where it is narrower than they are apart.
  var hasEmpty: Bool { counts.contains(0) }

  /// A band of these weights of all frequencies, but for zeros at both ends.
  mutating func add(_ values: [Float]) {
    let first = values.firstIndex { $0 > 0 } ?? 0
    let end = values.lastIndex { $0 > 0 }.map { $0 + 1 } ?? first
    firsts.append(Int32(first))
    counts.append(Int32(end - first))
    weights += values[first..<end]
  }

  /// Each frequency by itself.
  init(frequencies: Int) {
    firsts = (0..<Int32(frequencies)).map { $0 }
    counts = [Int32](repeating: 1, count: frequencies)
    weights = [Float](repeating: 1, count: frequencies)
  }

  init() {}
}
