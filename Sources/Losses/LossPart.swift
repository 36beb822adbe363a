import Tensors

/// One of several targets: which outputs say it, and the loss that compares them with it.
public struct LossPart: Sendable {
  /// As many outputs as the loss has for it.
  public let output: OutputPart
  public let loss: any Loss

  /// Throws a `LossMisfit` where the loss compares something else than what the target is. The outputs stand behind `first`
  /// others.
  init(_ target: OutputPart, _ loss: any Loss, first: Int) throws {
    let count = try loss.outputs(for: target)
    output = OutputPart(
      name: target.name, classes: target.classes, range: first..<first + count, scale: target.scale,
      offset: target.offset)
    self.loss = loss
  }

  /// The target's.
  public var name: String { output.name }
  /// nil: it is a number.
  public var classes: [String]? { output.classes }
  public var range: Range<Int> { output.range }
  /// Whether its two classes are the numbers 0 and 1 to the loss, and one output tells of both.
  public var isBinary: Bool { classes != nil && !loss.takesClasses }

  /// What each of its outputs is called, where the prediction of a number is called as the target.
  public var outputNames: [String] {
    guard let classes else { return loss.outputNames.map { $0.map { "\(name) \($0)" } ?? name } }
    return (isBinary ? [classes[1]] : classes).map { "probability of \($0) of \(name)" }
  }
}

extension Loss {
  /// How many outputs it has for a target.
  fileprivate func outputs(for target: OutputPart) throws -> Int {
    func misfit(_ fault: String, _ cure: String) -> LossMisfit { LossMisfit("expected \(fault)", cure: cure) }
    guard !(self is SumLoss) else {
      throw misfit("a loss of one target for '\(target.name)', found \(kind)", "list its losses")
    }
    let order = "write the losses in the order of the targets"
    guard let classes = target.classes else {
      guard case .values = meaning else {
        let isYesOrNo = if case .binary = meaning { ", or make its kind classes" } else { "" }
        throw misfit("a loss for numbers, as '\(target.name)' is, found \(kind)", order + isYesOrNo)
      }
      return outputsPerTarget
    }
    switch meaning {
    case .values: throw misfit("a loss for classes, as '\(target.name)' is, found \(kind)", order)
    case .binary:
      guard classes.count == 2 else {
        throw misfit("two classes for \(kind), found \(classes.count) of '\(target.name)'", "use cross-entropy for it")
      }
      return 1
    case .classes:
      if let weights = classWeights, weights.count != classes.count {
        throw misfit(
          "a class weight for each of \(classes.count) classes of '\(target.name)', found \(weights.count)",
          "list them in the order of the classes: \(classes.joined(separator: ", "))")
      }
      if let ignored, !classes.indices.contains(Int(ignored)) {
        throw misfit(
          "a class of '\(target.name)' to ignore, by its place in 0..<\(classes.count), found \(ignored)",
          "leave ignore out")
      }
      return classes.count
    }
  }
}
