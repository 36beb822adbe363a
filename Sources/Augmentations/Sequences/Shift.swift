import CKernels
import Configuration
import Tensors

/// The sequence moved in time, and along its features where that is asked for.
public struct Shift: Augmentation {
  public static let kind = "shift"
  public static let summary = "moves a spectrogram, or another sequence, by up to so many frames, either way"

  /// What stands where nothing has moved to.
  enum Mode: String, CaseIterable, Sendable {
    case edge, wrap, reflect, zero

    var edge: Int32 {
      switch self {
      case .edge: Int32(CK_EDGE_NEAREST)
      case .wrap: Int32(CK_EDGE_WRAP)
      case .reflect: Int32(CK_EDGE_REFLECT)
      case .zero: Int32(CK_EDGE_FILL)
      }
    }
  }

  private let time: Int
  private let features: Int
  private let mode: Mode

  public init(_ settings: ConfigReader) throws {
    time = try settings.int("time", default: 10, in: 0...(1 << 20))
    features = try settings.int("frequency", default: 0, in: 0...(1 << 20))
    mode = try settings.option("padding-mode", default: .edge)
    guard time > 0 || features > 0 else {
      throw settings.failure(at: "time", "expected frames to move by, found 0", cure: "set time or frequency")
    }
  }

  public func bound(to training: TrainingSamples) throws -> any Augmentation {
    try training.requireSequences()
    return self
  }

  public func scratchCount(_ form: SampleForm) -> Int { form.shape.count }

  public func augment(_ sample: FloatView, _ form: SampleForm, _ draws: inout Draws, scratch: FloatView) {
    let later = draws.whole(in: -time...time)
    let higher = features > 0 ? draws.whole(in: -features...features) : 0
    draws.note("frames later", Double(later))
    if features > 0 { draws.note("frequencies higher", Double(higher)) }
    sample.move(form, down: -later, right: -higher, edge: mode.edge, fill: 0, scratch: scratch)
  }
}
