import Configuration
import Tensors

/// An augmentation that gives each level of a picture another one, with a probability.
protocol ToneAugmentation: Augmentation {
  /// What `lockstep look` says of a picture that it has changed.
  var note: (name: StaticString, value: Double?) { get }
  var probability: Double { get }
  /// Changes the picture's levels, which go from 0 to `form.white`.
  func apply(to picture: FloatView, _ form: SampleForm)
}

extension ToneAugmentation {
  public func bound(to training: TrainingSamples) throws -> any Augmentation {
    try training.requirePictures()
    return self
  }

  public func augment(_ sample: FloatView, _ form: SampleForm, _ draws: inout Draws, scratch: FloatView) {
    guard draws.happens(probability) else { return }
    if let value = note.value { draws.note(note.name, value) } else { draws.note(note.name) }
    apply(to: sample, form)
  }
}
