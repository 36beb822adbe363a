import Configuration

/// The losses that a configuration can name.
public let lossKinds = Registry<any Loss.Type>(
  [
    CrossEntropyLoss.self, BinaryCrossEntropyLoss.self, MeanSquaredErrorLoss.self, MeanAbsoluteErrorLoss.self,
    HuberLoss.self, QuantileLoss.self, SumLoss.self,
  ], named: { $0.kind }, summary: { $0.summary })
