import Tensors

/// What a network has before and behind its own layers, where the columns of a table were fitted.
public struct NetworkEnds: Sendable, Equatable {
  /// Features that are places among rows that the network learns, in their order.
  public var embeddings: [EmbeddedColumn]
  /// What brings outputs, of about mean 0 and deviation 1, to the targets' units; nil: nothing does.
  public var targetScale: TargetScale?
  /// What outputs say, one after the other, a part for each value target, where some of them are classes; else empty.
  public var outputs: [OutputPart]
  /// What features are tokens of, where they are pieces of texts: an embedding need not say it.
  public var tokens: TokenAlphabet?

  /// Nothing, where nothing is named.
  public init(
    embeddings: [EmbeddedColumn] = [], targetScale: TargetScale? = nil, outputs: [OutputPart] = [],
    tokens: TokenAlphabet? = nil
  ) {
    (self.embeddings, self.targetScale, self.outputs, self.tokens) = (embeddings, targetScale, outputs, tokens)
  }
}

/// The units of value targets: output · scale + offset, one of each a target.
public struct TargetScale: Sendable, Equatable {
  public let scale: [Float]
  public let offset: [Float]

  public init(scale: [Float], offset: [Float]) { (self.scale, self.offset) = (scale, offset) }
}
