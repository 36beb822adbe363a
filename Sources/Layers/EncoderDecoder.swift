import Configuration
import Diagnostics
import Tensors

/// A memory, and layers that attend to it: `decoder(x)`, in which each `CrossAttention` reads `encoder(x)`.
///
/// Both branches read the input of the block: where a sample holds two sequences, each begins with a `Select` of its own columns. The
/// encoder is computed once, however many layers of the decoder read it; its gradient is their sum. A decoder may stand in another
/// one's encoder or decoder: the nearest around it is read. Vaswani et al.: *Attention is all you need* (NeurIPS 2017).
public struct EncoderDecoder: Combinator {
  public static let kind = "encoder-decoder"
  public static let summary = "decoder(x), whose cross-attentions read encoder(x)"
  public let encoder: [any Layer]
  public let decoder: [any Layer]

  /// What makes the memory, and what reads it: at least one `CrossAttention` stands in the decoder.
  public init(encoder: [any Layer], decoder: [any Layer]) {
    self.encoder = encoder
    self.decoder = decoder
  }

  /// The same, written one below the other.
  public init(@LayerBuilder encoder: () -> [any Layer], @LayerBuilder decoder: () -> [any Layer]) {
    self.init(encoder: encoder(), decoder: decoder())
  }

  public var branches: [[any Layer]] { [encoder, decoder] }
  public var join: Join? { nil }
  public func outputShape(for input: Shape) throws -> Shape {
    try decoder.reduce(input) { try $1.outputShape(for: $0) }
  }
}

/// A layer that reads, besides its input, the memory of the nearest `EncoderDecoder` around it, in whose decoder it stands.
public protocol MemoryLayer: Layer {
  /// As without a memory, of a sample's memory of shape `memory`; throws a `ShapeError` where that does not fit.
  func outputShape(for input: Shape, memory: Shape) throws -> Shape
  func parameters(for input: Shape, memory: Shape) -> [Parameter]
  func multiplyAdds(for input: Shape, memory: Shape) -> Int
}

extension Binding {
  /// A tensor that a layer reads besides its input.
  public struct Memory: Sendable {
    /// Its place in `Lane.values` and `Lane.gradients`.
    public let place: Int
    /// Of a sample.
    public let shape: Shape
    /// As `Binding.lengths`.
    public let lengths: Int?
    /// Whether its gradient is wanted, and has memory.
    public let wantsGradient: Bool
  }
}

extension EncoderDecoder {
  /// How many layers read the memory: those of blocks in the decoder, but for decoders of other blocks.
  var readers: Int { Self.readers(decoder) }

  private static func readers(_ layers: [any Layer]) -> Int {
    layers.reduce(0) { count, layer in
      if let block = layer as? EncoderDecoder { return count + readers(block.encoder) }
      let inside = (layer as? any Combinator)?.branches ?? []
      return count + (layer is any MemoryLayer ? 1 : 0) + inside.reduce(0) { $0 + readers($1) }
    }
  }
}

extension EncoderDecoder: ConfiguredLayer {
  public init(_ settings: ConfigReader) throws {
    self.init(
      encoder: try settings.layers("encoder", count: 1...), decoder: try settings.layers("decoder", count: 1...))
  }
}
