import Losses

/// A loss whose predictions `Python/blocks.py` can make of outputs.
protocol PyTorchLoss: Loss {
  /// The word for it there: `softmax`, `sigmoid`, `sort 3`; empty: outputs as they are.
  var activation: String { get }
}

extension PyTorchLoss {
  var activation: String { ownActivation ?? "" }
}

extension CrossEntropyLoss: PyTorchLoss {}
extension BinaryCrossEntropyLoss: PyTorchLoss {}
extension MeanSquaredErrorLoss: PyTorchLoss {}
extension MeanAbsoluteErrorLoss: PyTorchLoss {}
extension HuberLoss: PyTorchLoss {}
extension QuantileLoss: PyTorchLoss {
  /// The quantiles of each target in ascending order.
  var activation: String { "sort \(outputsPerTarget)" }
}
