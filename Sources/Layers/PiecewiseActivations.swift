import Configuration
import Kernels
import Tensors

// Activations that are straight in pieces: those of networks for small processors.

/// min(max(x, 0), 6), elementwise.
public struct ReLU6: ElementwiseLayer {
  public static let kind = "relu6"
  public static let summary = "max(x, 0), and at most 6"
  public let activation = Activation.relu6
  /// It has no settings.
  public init() {}
  public var outputScale: OutputScale { .asInput }
}

/// min(max(x + 3, 0), 6) / 6, elementwise: a sigmoid of straight lines.
public struct HardSigmoid: ElementwiseLayer {
  public static let kind = "hard-sigmoid"
  public static let summary = "min(max(x + 3, 0), 6) / 6"
  public let activation = Activation.hardSigmoid
  /// It has no settings.
  public init() {}
  public var outputScale: OutputScale { .probabilities }
}

/// x · min(max(x + 3, 0), 6) / 6, elementwise.
///
/// Howard et al.: *Searching for MobileNetV3* (ICCV 2019).
public struct HardSwish: ElementwiseLayer {
  public static let kind = "hard-swish"
  public static let summary = "x times its hard sigmoid"
  public let activation = Activation.hardSwish
  /// It has no settings.
  public init() {}
}

extension ReLU6: ConfiguredLayer {
  public init(_ settings: ConfigReader) { self.init() }
}

extension HardSigmoid: ConfiguredLayer {
  public init(_ settings: ConfigReader) { self.init() }
}

extension HardSwish: ConfiguredLayer {
  public init(_ settings: ConfigReader) { self.init() }
}
