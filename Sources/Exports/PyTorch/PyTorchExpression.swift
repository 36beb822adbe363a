import Layers

/// Networks as text for PyTorch.
package enum PyTorchExpression {
  /// The Python expression of a network, by `torch`, `nn`, and what `Python/blocks.py` defines; its parameters are those that PyTorch
  /// starts from. Throws unavailable (69) where a layer has no module.
  package static func text(of network: Network) throws -> String { try PyTorchNetwork(network).expression() }
}
