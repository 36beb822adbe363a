import Configuration

/// The optimizers that a configuration can name.
public let optimizerKinds = Registry<any Optimizer.Type>(
  [SGD.self, Adam.self, AdamW.self, RMSProp.self, LAMB.self, Lion.self, Adagrad.self], named: { $0.kind },
  summary: { $0.summary })

/// The settings that several kinds have.
extension ConfigReader {
  func weightDecay(default value: Double) throws -> Double {
    try double("weight-decay", default: value, in: 0...)
  }

  /// Left out of resolved configurations where it is: those of earlier runs have none.
  func amsgrad() throws -> Bool { try later("amsgrad") { try bool($0, default: false) } }

  func beta(_ key: String, default value: Double) throws -> Double { try double(key, default: value, in: belowOne) }

  /// Not 0 as a float.
  func epsilon(default value: Double) throws -> Double {
    try double("epsilon", default: value, in: Double(Float.leastNormalMagnitude)...)
  }
}

/// Not 1 as a float either: steps are divided by 1 - β.
private let belowOne = 0...Double(Float(1).nextDown)
