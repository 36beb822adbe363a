import Configuration
import Tensors

/// The layers of a network by one word: a kind of body, with its settings, which the data tell the number of outputs.
///
/// ```swift
/// bodyKinds.add(Pyramid.self)   // and configurations know `model: {pyramid: …}`
/// ```
public protocol Body: NamedKind, Sendable {
  /// The word for it in a configuration.
  static var kind: String { get }
  /// Reads its settings.
  init(_ settings: ConfigReader) throws

  /// The layers for samples of the shape `input`, of which a row of `outputs` numbers is made.
  func layers(input: Shape, outputs: Int) -> [any Layer]
}

extension Body {
  /// The word for it in a configuration.
  public var kind: String { Self.kind }
}

/// The bodies that a configuration can name.
public let bodyKinds = Registry<any Body.Type>(
  [MLP.self, WideAndDeep.self, Linear.self], named: { $0.kind }, summary: { $0.summary })
