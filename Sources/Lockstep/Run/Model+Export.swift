import Datasets
import Diagnostics
import Exports
import Foundation
import Judging
import Layers
import Losses
import Preparation
import Sources
import Tensors

extension Model {
  /// Writes the model as one graph of ONNX: what is done to raw columns, the network, and what makes predictions of its outputs.
  ///
  /// A column is an input of the graph under its name, and what `lockstep predict` writes are its outputs, under theirs. The
  /// features have the bits that they have here; what the network makes of them has other last bits, as sums come in another
  /// order. Returns a line of what was written, and behind it notes on what other programs may make otherwise.
  ///
  /// Throws unavailable (69), naming it, where a column, a layer or a loss has no form in ONNX, and input or output (74) where the
  /// file cannot be written: one that was there is whole then.
  @discardableResult
  public func exportONNX(to path: String) throws -> String {
    OutOfMemory.note("writing \(path)")
    var status = stat()
    guard path.lowercased().hasSuffix(".onnx") || stat(path, &status) != 0 || status.st_mode & S_IFMT != S_IFREG else {
      throw Failure(
        .usage, at: path, "expected a new file, or one that ends in .onnx, found another one", cure: "name another file"
      )
    }
    let (model, words) = (try onnx(), try vocabularies)
    try model.write(to: path)
    let vocabularies = try write(words, beside: path)
    func count(_ names: [String], _ word: String) -> String {
      "\(grouped(names.count)) \(word)\(names.count == 1 ? "" : "s")"
    }
    let ends = "\(count(model.inputs, "input")), \(count(model.outputs, "output"))"
    let line = "\(path): \(ends), ONNX opset \(ONNXDomain.standard.version), by \(self.path)"
    return ([line] + vocabularies + model.notes.map { "note: \($0)" }).joined(separator: "\n")
  }

  /// Writes a folder for PyTorch: `model.safetensors`, `model.py`, which builds the network and loads them, and for a table
  /// `transform.json` with `transform.py`, which makes features of raw columns in NumPy, with the bits that they have here.
  ///
  /// Returns a line of what was written. Throws a usage error (64) where something is at `path`, and unavailable (69), naming it,
  /// where a column, a layer or a loss has no form there.
  @discardableResult
  public func exportPyTorch(to path: String) throws -> String {
    guard quantisation == nil else {
      throw Failure(
        .usage, at: path, "expected a model of floats, found one of whole numbers", cure: "export it with --onnx")
    }
    OutOfMemory.note("writing \(path)")
    let transform = try table.map { try TransformFile($0.fitted, $0.settings) }
    if let other = transforms.first(where: { !($0 is Standardisation) }) {
      throw Failure(
        .unavailable, at: "transforms", "expected a standardisation, found \(other)", cure: "export with --onnx")
    }
    let (plan, parameters) = try merged
    let folder = try PyTorchFolder(
      plan, parameters.view, head: head, notes: record.digest, transform: transform,
      standardisation: transforms.first as? Standardisation)
    let words = try vocabularies
    try folder.write(to: path)
    let line = "\(path): \(folder.names.joined(separator: ", ")), by \(self.path)"
    return ([line] + (try write(words, beside: "\(path)/tokenizer"))).joined(separator: "\n")
  }

  /// What the columns of a table were fitted to, with the settings that it goes by; nil where the data were none.
  private var table: (fitted: FittedTable, settings: TableSettings)? {
    get throws {
      // Pictures are samples before the network, and texts tokens, whatever makes them.
      guard let preparation, configuration.data.isPrepared else { return nil }
      guard let source = configuration.data as? TableSource else {
        throw Failure(
          .unavailable, at: path, "expected columns of a table, which have forms elsewhere, found other prepared data")
      }
      return (try FittedTable(json: preparation), source.settings)
    }
  }

  /// The network without adapters, whose weights have what these add.
  var merged: (plan: Plan, parameters: FlatBuffer) {
    get throws { try plan.withoutAdapters(parameters) }
  }

  /// The model as a graph.
  func onnx() throws -> ONNXModel {
    let (plan, parameters) = try merged
    let graph = ONNXGraph()
    let features = try features(in: graph)
    let outputs = try graph.append(
      plan.network, parameters.view, to: features, integers: quantisation?.form ?? IntegerForm())
    try graph.append(head, to: outputs, of: outputShape)
    return ONNXModel(
      graph, name: "network", version: lockstepVersion, notes: "trained by Lockstep, \(record.step) steps",
      metadata: [("digest", record.digest)] + (quantisation.map { [("quantisation", $0.digest)] } ?? [])
        + (record.classes.map { [("classes", listJSON($0))] } ?? []))
  }

  private func listJSON(_ texts: [String]) -> String { "[\(texts.map(quotedJSON).joined(separator: ", "))]" }

  /// Adds inputs, and what makes features of them.
  private func features(in graph: ONNXGraph) throws -> ONNXValue {
    guard let table = try table else {
      let areTokens = plan.network.layers.first?.tokenVocabulary != nil
      return try graph.append(
        features: plan.network.input, named: record.features, areTokens: areTokens, transforms)
    }
    return try graph.append(table.fitted, table.settings)
  }

  /// What outputs are called: as predictions are written.
  private var head: PredictionHead {
    let loss = configuration.loss
    guard loss.parts.isEmpty else {
      let probabilities = configuration.predictions.probabilities
      return PredictionHead(
        loss.parts.map { part in
          let names = part.classes == nil || probabilities ? part.outputNames : []
          return .init(part.range, part.loss, classes: part.classes, name: part.name, names: names)
        })
    }
    let all = 0..<outputShape.count
    guard outputShape.rank == 1 else {
      let word = loss.takesClasses ? "probabilities" : "prediction"
      return PredictionHead([.init(all, loss, classes: nil, name: word, names: [word])])
    }
    let form = form(keeping: [])
    let names = form.classes == nil && form.numbers.isEmpty ? all.map { "output \($0)" } : form.numbers
    let threshold = decision?.threshold.flatMap { threshold in
      form.classes?.firstIndex(of: threshold.name).map { PredictionThreshold(place: $0, least: threshold.threshold) }
    }
    return PredictionHead([
      .init(
        all, loss, classes: form.classes, name: "prediction", names: names,
        calibration: decision?.calibration.map { PredictionCalibration($0) }, threshold: threshold)
    ])
  }
}

extension PredictionCalibration {
  /// One that was fitted to validation rows.
  fileprivate init(_ calibration: Calibration) {
    switch calibration {
    case .temperature(let scaling): self = .temperature(scaling.temperature)
    case .isotonic(let isotonic):
      self = .isotonic(isotonic.functions.map { PredictionCurve(xs: $0.xs, ys: $0.ys) }, positive: isotonic.positive)
    }
  }
}
