import Configuration
import Kernels
import Tensors

/// Softmax cross-entropy of C logits with a class, for each of the T positions of a sample.
public struct CrossEntropyLoss: Loss {
  public static let kind = "cross-entropy"
  public static let summary = "softmax cross-entropy, for classes"

  /// The part of the target, 0…1, that is spread evenly over all classes (Szegedy et al., CVPR 2016).
  package let labelSmoothing: Float
  private let weights: [Float]
  public let ignored: Int32?

  /// - Parameters:
  ///   - classWeights: what a target of each class weighs, C of them; empty: 1 each.
  ///   - ignored: the class of targets that have no loss, no gradient and no weight.
  public init(labelSmoothing: Float = 0, classWeights: [Float] = [], ignored: Int32? = nil) {
    (self.labelSmoothing, weights, self.ignored) = (labelSmoothing, classWeights, ignored)
  }

  public init(_ settings: ConfigReader) throws {
    let smoothing = try settings.double("label-smoothing", default: 0, in: 0...1)
    let weights = try settings.doubles("class-weights", default: [], in: 0...Double(Float.greatestFiniteMagnitude))
    guard weights.isEmpty || weights.contains(where: { Float($0) > 0 }) else {
      throw settings.failure(at: "class-weights", "all are 0", cure: "give a class that counts a greater one")
    }
    let ignored = try settings.optionalInt("ignore", in: Int(Int32.min)...Int(Int32.max))
    self.init(
      labelSmoothing: Float(smoothing), classWeights: weights.map { Float($0) }, ignored: ignored.map(Int32.init))
  }

  public func ignoring(_ target: Int32) -> (any Loss)? {
    CrossEntropyLoss(labelSmoothing: labelSmoothing, classWeights: weights, ignored: target)
  }
  public var meaning: OutputMeaning { .classes }
  public var classWeights: [Float]? { weights.isEmpty ? nil : weights }
  public var ownActivation: String? { "softmax" }
  public var isSumOverRows: Bool { true }
  public func activate(_ outputs: FloatView, columns: Int) { Kernels.softmax(outputs, columns: columns, into: outputs) }

  public func weight(of targets: Targets, rows: Int, valid: Int) -> Double {
    let classes = classes(targets)
    let present = valid * (classes.count / rows)
    guard !weights.isEmpty || ignored != nil else { return Double(present) }
    var sum = 0.0
    for target in classes[..<present] where target != ignored {
      sum += weights.isEmpty ? 1 : Double(weights[Int(target)])
    }
    return sum
  }

  public func sum(_ outputs: FloatView, _ targets: Targets, rows: Int, valid: Int, gradient: FloatView?) -> Double {
    let classes = classes(targets)
    precondition(classes.count % rows == 0, "\(classes.count) classes for \(rows) rows")
    let present = valid * (classes.count / rows)
    guard labelSmoothing > 0 || !weights.isEmpty || ignored != nil else {
      return Kernels.softmaxCrossEntropy(outputs, classes: classes, valid: present, gradient: gradient)
    }
    return Kernels.weightedCrossEntropy(
      outputs, classes: classes, valid: present, weights: weights, smoothing: labelSmoothing, ignored: ignored,
      gradient: gradient)
  }
}

extension Loss where Self == CrossEntropyLoss {
  /// Softmax cross-entropy without smoothing, all classes weighing 1.
  public static var crossEntropy: CrossEntropyLoss { CrossEntropyLoss() }

  /// See `CrossEntropyLoss.init`.
  public static func crossEntropy(
    labelSmoothing: Float = 0, classWeights: [Float] = [], ignored: Int32? = nil
  ) -> CrossEntropyLoss {
    CrossEntropyLoss(labelSmoothing: labelSmoothing, classWeights: classWeights, ignored: ignored)
  }
}
