import Datasets
import Diagnostics
import Exports
import Losses
import Preparation
import Sources
import Tensors

extension Model {
  /// Writes the model as one graph of ONNX: what is done to raw columns, the network, and what makes predictions of its outputs.
  ///
  /// A column is an input of the graph under its name, and what `lockstep predict` writes are its outputs, under theirs. The
  /// features have the bits that they have here; what the network makes of them has other last bits, as sums come in another
  /// order. Returns a line of what was written.
  ///
  /// Throws unavailable (69), naming it, where a column, a layer or a loss has no form in ONNX.
  @discardableResult
  public func exportONNX(to path: String) throws -> String {
    OutOfMemory.note("writing \(path)")
    let model = try onnx()
    try model.write(to: path)
    func count(_ names: [String], _ word: String) -> String {
      "\(grouped(names.count)) \(word)\(names.count == 1 ? "" : "s")"
    }
    let ends = "\(count(model.inputs, "input")), \(count(model.outputs, "output"))"
    return "\(path): \(ends), ONNX opset \(ONNXDomain.standard.version), by \(self.path)"
  }

  /// The model as a graph.
  func onnx() throws -> ONNXModel {
    let graph = ONNXGraph()
    let features = try features(in: graph)
    let outputs = try graph.append(plan.network, parameters.view, to: features)
    try graph.append(head, to: outputs, of: outputShape)
    return ONNXModel(
      graph, name: configuration.name, version: lockstepVersion, notes: "trained by Lockstep, \(record.step) steps",
      metadata: [("digest", record.digest)])
  }

  /// Adds inputs, and what makes features of them.
  private func features(in graph: ONNXGraph) throws -> ONNXValue {
    guard let preparation else {
      let areTokens = plan.network.layers.first?.tokenVocabulary != nil
      return try graph.append(
        features: plan.network.input, named: record.features, areTokens: areTokens, transforms)
    }
    guard let table = configuration.data as? TableSource else {
      throw Failure(
        .unavailable, at: path, "expected columns of a table, which have forms in ONNX, found other prepared data")
    }
    return try graph.append(FittedTable(json: preparation), table.settings)
  }

  /// What outputs are called: as predictions are written.
  private var head: ONNXHead {
    let loss = configuration.loss
    guard loss.parts.isEmpty else {
      let probabilities = configuration.predictions.probabilities
      return ONNXHead(
        loss.parts.map { part in
          let names = part.classes == nil || probabilities ? part.outputNames : []
          return .init(part.range, part.loss, classes: part.classes, name: part.name, names: names)
        })
    }
    let all = 0..<outputShape.count
    guard outputShape.rank == 1 else {
      let word = loss.takesClasses ? "probabilities" : "prediction"
      return ONNXHead([.init(all, loss, classes: nil, name: word, names: [word])])
    }
    let form = form(keeping: [])
    let names = form.classes == nil && form.numbers.isEmpty ? all.map { "output \($0)" } : form.numbers
    return ONNXHead([.init(all, loss, classes: form.classes, name: "prediction", names: names)])
  }
}
