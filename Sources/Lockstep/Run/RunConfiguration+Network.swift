import Datasets
import Diagnostics
import Layers
import Losses
import Tensors

extension RunConfiguration {
  /// The network of the configuration for samples of a shape: before its layers what learns rows for words, behind them what
  /// brings outputs to the targets' units.
  func network(input: Shape, _ schema: Schema) throws -> Network {
    var network = try plainNetwork(input: input, schema)
    network.adapter = fineTuning.adapter
    // What learns whole has no adapter; by itself nothing is frozen.
    if fineTuning.adapter != nil { network.freezing = Freezing([], except: fineTuning.freezing.except) }
    return network
  }

  /// The same as somebody trains it: with what is frozen.
  func learningNetwork(input: Shape, _ schema: Schema) throws -> Network {
    var network = try network(input: input, schema)
    network.freezing = fineTuning.freezing
    return try compared(network)
  }

  private func plainNetwork(input: Shape, _ schema: Schema) throws -> Network {
    let embeddings = schema.ends.embeddings
    let front: [any Layer] = embeddings.isEmpty ? [] : [ColumnEmbeddings(embeddings)]
    let own = try body.map { $0.layers(input: input, outputs: try outputs(of: $0, schema)) } ?? layers
    let layers = schema.ends.tokens.map { own.reading($0) } ?? own
    guard let units = units(of: schema) else { return Network(input: input, layers: front + layers) }
    if body == nil, units.scale.count > 1 {
      let outputs = try Network(input: input, layers: front + layers).outputShape
      try requireOutputs(units.scale.count, found: outputs, schema)
    }
    let scale = Rescale(scale: units.scale, offset: units.offset)
    return Network(input: input, layers: front + layers + [scale])
  }

  /// How many outputs of a micro-batch are kept at a time, at most, where the loss does not need all of them; nil: all.
  var outputsAtATime: Int? { loss.isSumOverRows ? OutputChunks.usualCount : nil }

  /// The units of each output, that of a single target for all; nil where they have none.
  private func units(of schema: Schema) -> TargetScale? {
    guard let units = schema.ends.targetScale, units.scale.count > 1 else { return schema.ends.targetScale }
    func each(_ numbers: [Float]) -> [Float] {
      numbers.flatMap { [Float](repeating: $0, count: loss.outputsPerTarget) }
    }
    guard !loss.parts.isEmpty else { return TargetScale(scale: each(units.scale), offset: each(units.offset)) }
    return TargetScale(
      scale: loss.parts.flatMap { part in part.range.map { _ in part.output.scale } },
      offset: loss.parts.flatMap { part in part.range.map { _ in part.output.offset } })
  }

  /// Refuses layers that give another number of outputs than several targets have.
  private func requireOutputs(_ count: Int, found: Shape, _ schema: Schema) throws {
    guard found.extents.last != count, let last = layers.last else { return }
    let targets =
      loss.parts.isEmpty
      ? (schema.targets ?? []).map { "\($0): \(loss.outputsPerTarget)" }
      : loss.parts.map { "\($0.name): \($0.range.count)" }
    throw Failure(
      .badConfiguration, at: "model.\(layers.count - 1) (\(type(of: last).kind))",
      "expected \(count) outputs (\(Inspection.list(targets))), found \(found)",
      cure: "give the last dense layer \(count) units")
  }

  /// How many outputs a body is to have: one a class, but one for two classes where the loss takes them for 0 and 1, and one
  /// a column of numbers, or as many as the loss has for each.
  private func outputs(of body: any Body, _ schema: Schema) throws -> Int {
    if let last = loss.parts.last { return last.range.upperBound }
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
  package func bound(to ends: NetworkEnds) throws -> RunConfiguration {
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
