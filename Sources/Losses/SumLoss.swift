import Configuration
import Kernels
import Tensors

// B samples, C outputs of all parts, K of one, W parts and so many targets of a sample.

/// The weighted sum of several losses, one for each target, which says something of its own: classes, or a number.
///
/// Targets are W numbers a sample, those of classes their places. Numbers are compared in deviations of the training targets,
/// so that one part's loss is about as large as another's. Each part is averaged over the samples, also where its classes have
/// weights, which then are what a sample's loss is multiplied by, or one of them is ignored.
public struct SumLoss: Loss {
  public static let kind = "sum"
  public static let summary = "a weighted sum of losses, one for each of several targets"

  /// In the order of the targets; empty: the usual ones.
  private let losses: [any Loss]
  /// As many; empty: 1 each.
  private let weights: [Float]
  public let parts: [LossPart]
  private let scratch: ScratchPool

  /// Losses in the order of the targets; empty: cross-entropy for classes, the squared error for numbers.
  public init(_ losses: [any Loss] = [], weights: [Float] = []) {
    self.init(losses, weights, parts: [])
  }

  private init(_ losses: [any Loss], _ weights: [Float], parts: [LossPart]) {
    (self.losses, self.weights, self.parts, scratch) = (losses, weights, parts, ScratchPool())
  }

  public init(_ settings: ConfigReader) throws {
    let losses = try settings.choices("losses", lossKinds.cases { try $0.init($1) }, whenMissing: .empty)
    let weights = try settings.doubles("weights", default: [], in: 0...1e6)
    if losses.contains(where: { $0 is SumLoss }) {
      throw settings.failure(
        at: "losses", "expected a loss of one target each, found a sum", cure: "list its losses here")
    }
    guard weights.isEmpty || losses.isEmpty || weights.count == losses.count else {
      throw settings.failure(
        at: "weights", "expected a weight for each of \(losses.count) losses, found \(weights.count)",
        cure: "write them in the order of the targets")
    }
    self.init(losses, weights: weights.map { Float($0) })
  }

  public func bound(to targets: [OutputPart]) throws -> (any Loss)? {
    guard !targets.isEmpty else {
      throw LossMisfit(
        "expected several targets, each with its kind, found targets of one kind",
        cure: "list the kinds, kind: [classes, values], or name the loss alone")
    }
    let usual: [any Loss] = targets.map { (target: OutputPart) -> any Loss in
      target.classes == nil ? MeanSquaredErrorLoss() : CrossEntropyLoss()
    }
    let losses = losses.isEmpty ? usual : losses
    let weights = weights.isEmpty ? [Float](repeating: 1, count: targets.count) : weights
    for (what, count) in [("losses", losses.count), ("weights", weights.count)] where count != targets.count {
      throw LossMisfit(
        "expected as many \(what) as targets (\(targets.map(\.name).joined(separator: ", "))), found \(count)",
        cure: "write them in the order of the targets")
    }
    var parts: [LossPart] = []
    for (target, loss) in zip(targets, losses) {
      parts.append(try LossPart(target, loss, first: parts.last?.range.upperBound ?? 0))
    }
    return SumLoss(losses, weights, parts: parts)
  }

  public var meaning: OutputMeaning { .values }

  /// Scores of classes become probabilities; quantiles are sorted, and other numbers left as they are.
  public func activate(_ outputs: FloatView, columns: Int) {
    let rows = outputs.count / columns
    scratch.with(count: rows * columns) { memory in
      for part in parts {
        let (K, first) = (part.range.count, part.range.lowerBound)
        let own = memory.floats.view[0..<rows * K]
        Kernels.copyColumns(outputs, columns: columns, first: first, into: own, columns: K, first: 0, width: K)
        part.loss.activate(own, columns: K)
        Kernels.copyColumns(own, columns: K, first: 0, into: outputs, columns: columns, first: first, width: K)
      }
    }
  }

  public func sum(_ outputs: FloatView, _ targets: Targets, rows: Int, valid: Int, gradient: FloatView?) -> Double {
    let (targets, C, W) = (values(targets), outputs.count / rows, parts.count)
    precondition(W > 0 && C == parts[W - 1].range.upperBound, "\(C) outputs for \(W) parts")
    return scratch.with(count: (2 * C + 1) * rows) { memory in
      let floats = memory.floats.view
      var total = 0.0
      for (number, part) in parts.enumerated() {
        let (K, first) = (part.range.count, part.range.lowerBound)
        let (own, slope) = (floats[0..<rows * K], floats[rows * C..<rows * (C + K)])
        let truths = floats[2 * rows * C..<(2 * C + 1) * rows]
        Kernels.copyColumns(outputs, columns: C, first: first, into: own, columns: K, first: 0, width: K)
        Kernels.copyColumns(targets, columns: W, first: number, into: truths, columns: 1, first: 0, width: 1)
        var found = Targets.values(truths)
        if part.classes == nil {
          own.standardise(part.output)
          truths.standardise(part.output)
        } else if !part.isBinary {
          for row in 0..<rows { memory.classes[row] = Int32(truths[row]) }
          found = .classes(UnsafeBufferPointer(rebasing: memory.classes[0..<rows]))
        }
        let loss = part.loss.sum(own, found, rows: rows, valid: valid, gradient: gradient.map { _ in slope })
        total += Double(weights[number]) * loss
        guard let gradient else { continue }
        let factor = weights[number] / part.output.scale
        for index in 0..<slope.count { slope[index] *= factor }
        Kernels.copyColumns(slope, columns: K, first: 0, into: gradient, columns: C, first: first, width: K)
      }
      return total
    }
  }
}

extension FloatView {
  /// Numbers in deviations from their mean.
  fileprivate func standardise(_ part: OutputPart) {
    for index in 0..<count { self[index] = (self[index] - part.offset) / part.scale }
  }
}
