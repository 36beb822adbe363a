import Tensors

// What is inside of a combinator takes from the tokens of the data what it leaves open.

extension [any Layer] {
  /// The same layers, which know the tokens of the data.
  package func reading(_ tokens: TokenAlphabet) -> [any Layer] { map { $0.reading(tokens) } }
}

extension Sequential {
  public func reading(_ tokens: TokenAlphabet) -> any Layer { Sequential(layers: layers.reading(tokens)) }
}

extension Residual {
  public func reading(_ tokens: TokenAlphabet) -> any Layer {
    Residual(body: body.reading(tokens), shortcut: shortcut.reading(tokens))
  }
}

extension Parallel {
  public func reading(_ tokens: TokenAlphabet) -> any Layer {
    Parallel(join: join ?? .concatenate, branches: branches.map { $0.reading(tokens) })
  }
}

extension EncoderDecoder {
  public func reading(_ tokens: TokenAlphabet) -> any Layer {
    EncoderDecoder(encoder: encoder.reading(tokens), decoder: decoder.reading(tokens))
  }
}
