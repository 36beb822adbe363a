import Configuration
import Datasets
import Tensors

/// How training samples are changed at random, otherwise in each epoch: a kind of augmentation, with its settings.
///
/// ```swift
/// augmentationKinds.add(Occlude.self)   // and configurations know `augment: [occlude]`
/// ```
/// It changes the features of one sample as they are in the data, before the transforms that were fitted to these. What it draws
/// depends on the seed, the epoch, the sample and its place in the list alone.
public protocol Augmentation: NamedKind, Sendable {
  /// The word for it in a configuration.
  static var kind: String { get }
  /// Reads its settings.
  init(_ settings: ConfigReader) throws

  /// The same for training samples of a form, with what it has to know of them.
  ///
  /// Throws an `AugmentationMisfit` where it is nothing for such samples.
  func bound(to training: TrainingSamples) throws -> any Augmentation

  /// Floats that `augment` wants to write while it works.
  func scratchCount(_ form: SampleForm) -> Int

  /// Changes `sample`, whose shape is `form.shape`, in place.
  ///
  /// The same bits on every host: a function of the sample, the settings and what `draws` gives. Must not allocate, as training
  /// steps call it. Several threads may at the same time. What `scratch` holds is left over.
  func augment(_ sample: FloatView, _ form: SampleForm, _ draws: inout Draws, scratch: FloatView)
}

/// An augmentation that mixes a sample with another one of the micro-batch, and their targets with each other.
///
/// They come last in a list. Of several, the first that mixes a sample keeps the others off.
public protocol MixingAugmentation: Augmentation {
  /// Overwrites `sample` with what it makes of it and `partner`, the sample before it in the micro-batch, which is as the
  /// augmentations before made it. Returns the share of the sample's own target, 0…1; 1 where it has changed nothing.
  func mix(_ sample: FloatView, with partner: FloatView, _ form: SampleForm, _ draws: inout Draws) -> Float
}

/// An augmentation that takes a window of a picture: where it stands first, samples that are decoded as they are gathered are
/// decoded from there, in the picture's own size.
public protocol WindowAugmentation: Augmentation {
  /// A window of a picture of so many pixels.
  func window(height: Int, width: Int, _ draws: inout Draws) -> PixelWindow
}

extension Augmentation {
  public func scratchCount(_ form: SampleForm) -> Int { 0 }
  /// The word for it in a configuration.
  public var kind: String { Self.kind }

  /// With settings as a configuration has them, for a program: `try RandomCrop(yaml: "padding: 2")`.
  ///
  /// Throws a bad configuration (78) where one is not known, or out of range.
  public init(yaml: String = "{}") throws {
    let settings = try ConfigReader(yaml: yaml, file: Self.kind)
    try self.init(settings)
    try settings.finish()
  }
}

extension MixingAugmentation {
  public func augment(_ sample: FloatView, _ form: SampleForm, _ draws: inout Draws, scratch: FloatView) {}
}

/// An augmentation is nothing for such samples.
public struct AugmentationMisfit: Error {
  /// `pictures (height×width×channels)`
  public let expected: String
  /// `rows of 13 columns`
  public let found: String
  /// What to do.
  public let cure: String

  public init(expected: String, found: String, cure: String = "leave it out") {
    (self.expected, self.found, self.cure) = (expected, found, cure)
  }
}

/// The augmentations that `augment` in a configuration can name.
public let augmentationKinds = Registry<any Augmentation.Type>(
  [
    RandomCrop.self, RandomResizedCrop.self, Flip.self, Rotate.self, Affine.self, ColourJitter.self, Grey.self,
    Blur.self, Sharpen.self, Posterise.self, Solarise.self, Equalise.self, AutoContrast.self, Invert.self,
    CutOut.self, RandAugment.self, TrivialAugment.self, SpecAugment.self, Shift.self, Noise.self, Swap.self,
    MaskTokens.self, DropTokens.self, Mixup.self, CutMix.self,
  ], named: { $0.kind }, summary: { $0.summary })
