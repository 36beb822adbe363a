import CKernels
import Configuration
import Tensors

/// Bands of frequencies and stretches of time masked.
///
/// Park et al.: *SpecAugment* (Interspeech 2019), without its warping of time.
public struct SpecAugment: Augmentation {
  public static let kind = "spec-augment"
  public static let summary = "masks stretches of time and bands of frequencies of a spectrogram"

  /// What stands where a mask is.
  enum Fill: String, CaseIterable, Sendable { case mean, zero }

  private let timeMasks: Int
  private let timeWidth: Int
  /// Of all frames.
  private let timeShare: Double
  private let frequencyMasks: Int
  private let frequencyWidth: Int
  private let fill: Fill

  public init(_ settings: ConfigReader) throws {
    timeMasks = try settings.int("time-masks", default: 2, in: 0...100)
    timeWidth = try settings.int("time-width", default: 100, in: 1...(1 << 20))
    timeShare = try settings.double("time-share", default: 0.2, in: .above(0, through: 1))
    frequencyMasks = try settings.int("frequency-masks", default: 2, in: 0...100)
    frequencyWidth = try settings.int("frequency-width", default: 27, in: 1...(1 << 20))
    fill = try settings.option("fill", default: .mean)
  }

  public func bound(to training: TrainingSamples) throws -> any Augmentation {
    try training.requireSequences()
    return self
  }

  public func augment(_ sample: FloatView, _ form: SampleForm, _ draws: inout Draws, scratch: FloatView) {
    let (T, F) = (form.height, form.width)
    let value = fill == .mean ? Float(ck_mean(sample.base, sample.count)) : 0
    let longest = min(timeWidth, Int(timeShare * Double(T)))
    for _ in 0..<timeMasks {
      let length = draws.whole(in: 0...longest)
      let first = draws.whole(in: 0...T - length)
      draws.note("frames from", Double(first))
      draws.note("frames", Double(length))
      ck_fill_rectangle(sample.base, F, 1, first, 0, length, F, value)
    }
    for _ in 0..<frequencyMasks {
      let length = draws.whole(in: 0...min(frequencyWidth, F))
      let first = draws.whole(in: 0...F - length)
      draws.note("frequencies from", Double(first))
      draws.note("frequencies", Double(length))
      ck_fill_rectangle(sample.base, F, 1, 0, first, T, length, value)
    }
  }
}

extension TrainingSamples {
  /// Throws where they are no sequences: time×features, or pictures of one channel, whose rows are frames.
  func requireSequences() throws {
    switch form.content {
    case .sequence: return
    case .picture where form.channels == 1: return
    default: throw misfit("spectrograms (time×frequencies)")
    }
  }
}
