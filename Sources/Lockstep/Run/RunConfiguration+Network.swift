import Datasets
import Diagnostics
import Layers
import Losses
import Tensors

extension RunConfiguration {
  /// The network of the configuration for samples of a shape: before its layers what learns rows for words, behind them what
  /// brings outputs to the targets' units.
  func network(input: Shape, _ schema: Schema) throws -> Network {
    let embeddings = schema.ends.embeddings
    let front: [any Layer] = embeddings.isEmpty ? [] : [ColumnEmbeddings(embeddings)]
    // One for each output of a target; that of a single target is for all.
    func each(_ numbers: [Float]) -> [Float] {
      numbers.count == 1 ? numbers : numbers.flatMap { [Float](repeating: $0, count: loss.outputsPerTarget) }
    }
    let scale: [any Layer] =
      schema.ends.targetScale.map { [Rescale(scale: each($0.scale), offset: each($0.offset))] } ?? []
    let layers = try body.map { $0.layers(input: input, outputs: try outputs(of: $0, schema)) } ?? layers
    return Network(input: input, layers: front + layers + scale)
  }

  /// How many outputs a body is to have: one a class, but one for two classes where the loss takes them for 0 and 1, and one
  /// a column of numbers, or as many as the loss has for each.
  private func outputs(of body: any Body, _ schema: Schema) throws -> Int {
    if let last = schema.ends.outputs.last { return last.range.upperBound }
    if let classes = schema.classes {
      return classes.count == 2 && !loss.takesClasses ? loss.outputsPerTarget : classes.count
    }
    if let targets = schema.targets { return targets.count * loss.outputsPerTarget }
    throw Failure(
      .badConfiguration, at: "model.\(body.kind)",
      "expected classes or columns of numbers, which tell how many outputs "
        + "there are, found other targets", cure: "write the layers one by one")
  }

  /// The same with a loss that knows what a network's outputs say, where they say several things.
  ///
  /// Throws where loss and targets do not fit each other.
  func bound(to ends: NetworkEnds) throws -> RunConfiguration {
    var bound = self
    do {
      if let own = try loss.bound(to: ends.outputs) {
        bound.loss = own
      } else if !ends.outputs.isEmpty {
        throw LossMisfit(
          "expected a loss for each of \(ends.outputs.count) targets, found \(loss.kind)",
          cure: "write loss: sum, or loss: {sum: {losses: [cross-entropy, huber]}}, in the order of the targets")
      }
    } catch let misfit as LossMisfit {
      throw Failure(.badConfiguration, at: "loss", "\(misfit)", cure: misfit.cure)
    }
    return bound
  }
}
