import Configuration
import Datasets
import Diagnostics
import Tensors

/// How features are changed before a network sees them: a kind of transform, with its settings.
///
/// ```swift
/// transformKinds.add(Logarithm.self)   // and configurations know `transforms: [logarithm]`
/// ```
public protocol Transform: NamedKind, Sendable {
  /// The word for it in a configuration, and the name of the file that a checkpoint keeps its statistics in.
  static var kind: String { get }
  /// Reads its settings.
  init(_ settings: ConfigReader) throws

  /// Takes what it needs to know from the training data: a function of them alone, the same bits on every host.
  ///
  /// Throws where such data cannot be transformed.
  func fitted(on training: Dataset) throws -> any FittedTransform

  /// The same that was fitted before, from the arrays that it was kept as; `shape` is that of a sample.
  ///
  /// Throws bad data where they are none of its own.
  func restored(from arrays: [FittedArray], shape: Shape) throws -> any FittedTransform

  /// Whether it can use columns in double precision: see `WideColumns`.
  var readsWideColumns: Bool { get }

  /// The setting that puts it there, for messages.
  var setting: TransformSetting { get }
}

/// The setting of a configuration that puts a transform there.
public struct TransformSetting: Sendable, Equatable {
  /// `standardise`
  public let key: String
  /// What it is set to.
  public let value: String
  /// What takes the transform away.
  public let cure: String

  public init(key: String, value: String, cure: String) { (self.key, self.value, self.cure) = (key, value, cure) }
}

extension Transform {
  public var readsWideColumns: Bool { false }
  /// Its word in the list.
  public var setting: TransformSetting { TransformSetting(key: "transforms", value: kind, cure: "leave it out") }
  /// The word for it in a configuration.
  public var kind: String { Self.kind }
}

/// The transforms that `transforms` in a configuration can name.
public let transformKinds = Registry<any Transform.Type>(
  [Standardise.self], named: { $0.kind }, summary: { $0.summary })
