import Checkpoints
import Datasets
import Diagnostics
import Files
import Foundation
import Layers
import Tensors

/// A network as a folder for PyTorch: `model.safetensors`, `model.py` that builds it and loads them, and for a table
/// `transform.json` with `transform.py`, which makes features of raw columns in NumPy.
package struct PyTorchFolder {
  /// Files of tensors, and of text, by their names.
  private var tensors: [(name: String, tensors: [NamedTensor])]
  private var files: [(name: String, text: String)]

  /// - Parameters:
  ///   - head: what the outputs say.
  ///   - notes: what the module's documentation calls the model.
  ///   - transform: what is done to raw columns; nil where the data are no prepared table.
  ///   - standardisation: what is done to features; nil: nothing.
  ///
  /// Throws unavailable (69) where a layer has no module, and bad configuration (78) where features have no order that PyTorch
  /// has too.
  package init(
    _ plan: Plan, _ parameters: FloatView, head: PredictionHead, notes: String, transform: TransformFile?,
    standardisation: Standardisation?
  ) throws {
    if let conflict = plan.orderConflict { throw conflict }
    tensors = [("model.safetensors", plan.layout.tensors(in: parameters))]
    let network = try PyTorchNetwork(plan.network).expression()
    let outputs = try head.parts.map { "    \(try Self.output($0)),\n" }.joined()
    // Of a table they are made of raw columns, of other data brought to a scale.
    let inputs = transform == nil ? standardisation == nil ? "x" : "transformed(x)" : "transform.features(rows)"
    let model = """
      \"\"\"A network that Lockstep trained, in PyTorch: \(Self.plain(notes)).

      >>> import model, torch\(transform == nil ? "" : ", transform")
      >>> network = model.load()                          # with the parameters of model.safetensors, in evaluation
      >>> columns = model.predict(\(inputs), network)     # by name, as lockstep predict writes them
      >>> outputs = network(torch.as_tensor(\(inputs)))   # of \(Self.shape(plan.network.input))
      \"\"\"

      \(Self.text(PackageResources.blocks_py))

      def make():
          \"\"\"The network; its parameters mean nothing yet.\"\"\"
          return \(network)


      # What outputs say, one part after the other.
      OUTPUTS = [
      \(outputs)]

      """
    files = [("model.py", model)]
    if let transform {
      files += [("transform.json", try transform.json), ("transform.py", Self.text(PackageResources.transform_py))]
    }
    if let standardisation {
      tensors.append(("standardisation.safetensors", standardisation.tensors(of: plan.network.input)))
    }
  }

  /// The names of the files.
  package var names: [String] { files.map(\.name) + tensors.map(\.name) }

  /// Writes the folder, whole or not at all. Throws a usage error (64) where something is at `path` already.
  package func write(to path: String) throws {
    guard !exists(path) else {
      throw Failure(
        .usage, at: path, "expected nothing there, found a file or a folder",
        cure: "name a folder that is not there yet")
    }
    let cure = "make room for the folder, or name one where it can be written"
    var place = path
    while place.hasSuffix("/"), place.count > 1 { place.removeLast() }
    let partial = "\(place).partial-\(ProcessInfo.processInfo.processIdentifier)"
    do {
      try makeDirectories(partial, cure: cure)
      for file in tensors {
        try SafeTensors.write(file.tensors, metadata: ["format": "pt"], to: "\(partial)/\(file.name)")
      }
      for file in files { try file.text.write(toRunFile: "\(partial)/\(file.name)") }
      guard rename(partial, place) == 0 else { throw Failure.system("rename", path, errno: errno, cure: cure) }
    } catch {
      try? FileManager.default.removeItem(atPath: partial)
      guard let failure = error as? Failure else { throw error }
      throw Self.told(failure, of: partial, as: place, cure: cure)
    }
  }

  /// A failure to write the folder under its own name, without the cures that checkpoints have.
  private static func told(_ failure: Failure, of partial: String, as place: String, cure: String) -> Failure {
    guard failure.description.hasPrefix(partial) else { return failure }
    let rest = failure.description.dropFirst(partial.count)
    let end = rest.firstRange(of: "; ")?.lowerBound ?? rest.endIndex
    return Failure(failure.code, "\(place)\(rest[..<end])", cure: cure)
  }

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  /// A line that ends no Python text and hides nothing in it.
  private static func plain(_ line: String) -> String {
    line.replacing("\\", with: "/").replacing("\"", with: "'")
  }

  private static func shape(_ shape: Shape) -> String {
    switch shape.rank {
    case 3: "N×\(shape[2])×\(shape[0])×\(shape[1]): pictures of channels × height × width"
    case 2: "N×\(shape[0])×\(shape[1])"
    default: "N×\(shape.count)"
    }
  }

  private static func output(_ part: PredictionHead.Part) throws -> String {
    guard let loss = part.loss as? any PyTorchLoss else {
      throw Failure(
        .unavailable, at: "loss", "expected one that PyTorch's module knows, found \(part.loss.kind)",
        cure: "export with --onnx")
    }
    func list(_ texts: [String]) -> String { "[\(texts.map(quotedJSON).joined(separator: ", "))]" }
    let classes = part.classes.map(list) ?? "None"
    var decision = ""
    if let calibration = part.calibration { decision += ", \"calibration\": \(Self.python(calibration))" }
    if let threshold = part.threshold { decision += ", \"threshold\": (\(threshold.place), \(threshold.least))" }
    return """
      {"first": \(part.range.lowerBound), "count": \(part.range.count), "activation": \(quotedJSON(loss.activation)), \
      "classes": \(classes), "name": \(quotedJSON(part.name)), "names": \(list(part.names))\(decision)}
      """
  }

  /// `("temperature", 1.5)`, `("isotonic", 1, [([0.1, 0.9], [0.0, 1.0])])`
  private static func python(_ calibration: PredictionCalibration) -> String {
    switch calibration {
    case .temperature(let temperature): return "(\"temperature\", \(temperature))"
    case .isotonic(let curves, let positive):
      let all = curves.map { "(\($0.xs), \($0.ys))" }.joined(separator: ", ")
      return "(\"isotonic\", \(positive.map(String.init) ?? "None"), [\(all)])"
    }
  }
}

extension Standardisation {
  /// What features are made of in PyTorch, in its order: (x - means - remainders) · inverses.
  fileprivate func tensors(of shape: Shape) -> [NamedTensor] {
    let remainders = means.indices.map { wideRemainders[$0] ?? 0 }
    return [("means", means), ("remainders", remainders), ("inverses", inverses)].map { name, numbers in
      let (extents, values) = inPyTorchsOrder(numbers, shape)
      let buffer = FlatBuffer(count: values.count)
      buffer.view.assign(values)
      return NamedTensor(name, Shape(extents), buffer.view)
    }
  }

  private func inPyTorchsOrder(_ numbers: [Float], _ shape: Shape) -> ([Int], [Float]) {
    guard shape.rank == 3 else { return (granularity == .feature ? shape.extents : [numbers.count], numbers) }
    guard granularity == .feature else { return ([numbers.count, 1, 1], numbers) }
    return ([shape[2], shape[0], shape[1]], FeatureOrder.picture(shape).places.map { numbers[$0] })
  }
}
