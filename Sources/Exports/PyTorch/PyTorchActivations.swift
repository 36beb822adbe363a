import Layers
import Tensors

extension ReLU6: PyTorchLayer { public func module(at place: PyTorchPlace) -> String { "nn.ReLU6()" } }
extension HardSigmoid: PyTorchLayer { public func module(at place: PyTorchPlace) -> String { "nn.Hardsigmoid()" } }
extension HardSwish: PyTorchLayer { public func module(at place: PyTorchPlace) -> String { "nn.Hardswish()" } }
extension Mish: PyTorchLayer { public func module(at place: PyTorchPlace) -> String { "nn.Mish()" } }
extension ELU: PyTorchLayer { public func module(at place: PyTorchPlace) -> String { "nn.ELU(\(alpha))" } }
extension Softplus: PyTorchLayer { public func module(at place: PyTorchPlace) -> String { "nn.Softplus(\(beta))" } }

extension PReLU: PyTorchLayer {
  /// One slope for all fits any input; those of channels want them second, where a sequence has its positions.
  public func module(at place: PyTorchPlace) -> String {
    guard isPerChannel else { return "nn.PReLU()" }
    return "\(place.input.rank == 2 ? "PositionsPReLU" : "nn.PReLU")(\(place.input.extents.last!))"
  }
}
