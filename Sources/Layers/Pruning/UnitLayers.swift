import Tensors

// Which layers units can be cut out of.

extension Dense: UnitLayer {
  package func unitRole(for input: Shape) -> UnitRole? { tied == nil ? .makes(columns: 1) : nil }
}

extension Convolution: UnitLayer {
  package func unitRole(for input: Shape) -> UnitRole? {
    if groups == 1 { return .makes(columns: window.kernel.height * window.kernel.width) }
    return groups == channels && groups == input[2] ? .keeps : nil
  }
}

extension Flatten: UnitLayer {
  package func unitRole(for input: Shape) -> UnitRole? { .flattens }
}

extension BatchNorm: UnitLayer {
  package func unitRole(for input: Shape) -> UnitRole? { .keeps }
}

extension PReLU: UnitLayer {
  package func unitRole(for input: Shape) -> UnitRole? { .keeps }
}

extension Dropout: UnitLayer {
  package func unitRole(for input: Shape) -> UnitRole? { .keeps }
}

extension LeakyReLU: UnitLayer {
  package func unitRole(for input: Shape) -> UnitRole? { .keeps }
}

extension GlobalAveragePool: UnitLayer {
  package func unitRole(for input: Shape) -> UnitRole? { .keeps }
}

extension GlobalMaxPool: UnitLayer {
  package func unitRole(for input: Shape) -> UnitRole? { .keeps }
}

// Activations that have 0 for 0.
extension ReLU: UnitLayer {}
extension ReLU6: UnitLayer {}
extension GELU: UnitLayer {}
extension SiLU: UnitLayer {}
extension Tanh: UnitLayer {}
extension ELU: UnitLayer {}
extension Mish: UnitLayer {}
extension HardSwish: UnitLayer {}

// Windows over height and width.
extension MaxPool: UnitLayer {}
extension AveragePool: UnitLayer {}

extension ElementwiseLayer where Self: UnitLayer {
  package func unitRole(for input: Shape) -> UnitRole? { .keeps }
}

extension MaxPool {
  package func unitRole(for input: Shape) -> UnitRole? { .keeps }
}

extension AveragePool {
  package func unitRole(for input: Shape) -> UnitRole? { .keeps }
}

/// What a teacher looks at changes nothing that passes.
extension FeatureTap: UnitLayer {
  package func unitRole(for input: Shape) -> UnitRole? { .keeps }
}
