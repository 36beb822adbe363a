import Datasets
import Diagnostics
import Layers
import Losses
import Training
import Transforms

/// Throws where the outputs are probabilities and the loss wants logits, to which it applies a softmax or sigmoid itself.
func checkLogits(of network: Network, _ loss: any Loss) throws {
  guard let activation = loss.ownActivation, let maker = try network.outputProbabilities() else { return }
  throw Failure(
    .badConfiguration, at: "model.\(maker.path) (\(maker.kind))",
    "expected outputs that may be any number, found probabilities: \(loss.kind) applies a \(activation) itself",
    cure: "remove the layer; predict writes probabilities all the same")
}

/// Throws where a network with an embedding cannot read the tokens of `dataset`.
///
/// An embedding reads features of the data as they are: whole numbers below its vocabulary. What layers compute is none.
func checkTokens(of dataset: Dataset, _ plan: Plan, _ transforms: Pipeline) throws {
  for step in plan.steps {
    guard let vocabulary = step.layer.tokenVocabulary else { continue }
    let name = "model.\(step.path) (\(type(of: step.layer).kind))"
    guard let columns = step.inputColumns else {
      throw Failure(
        .badConfiguration, at: name, "expected tokens of the data, found what the layers before it compute",
        cure: "put it at the start of the model or of a branch; select, flatten and reshape may come before it")
    }
    try requireNone(transforms, "\(name) reads tokens")
    try checkPadding(
      of: step.layer, at: name, tokens: dataset.isText ? dataset.classNames?.count : dataset.ends.tokens?.count)
    if let names = dataset.classNames, dataset.isText {
      guard names.count <= vocabulary else {
        throw Failure(
          .badConfiguration, at: name,
          "expected a vocabulary of at least \(names.count), as \(dataset.source) has, found \(vocabulary)",
          cure: "raise it, and the units of the last dense layer")
      }
    } else if let (sample, value) = dataset.firstNumber(in: columns, outside: vocabulary) {
      throw Failure(
        .badData, at: dataset.source,
        "expected whole numbers in 0..<\(vocabulary) for \(name), found \(value) in sample \(sample)",
        cure: "correct the data, or raise the embedding's vocabulary")
    }
  }
}

/// Throws where a network predicts the next token of a text from what it sees of it.
func checkNextTokens(_ network: Network) throws {
  guard let seeing = try network.firstLookingAhead() else { return }
  let recurrences = [GRU.kind, LSTM.kind]
  throw Failure(
    .badConfiguration, at: "model.\(seeing.path) (\(seeing.kind))",
    "expected layers by which no position sees those behind it, as each is to predict the next token, found one that sees the answer",
    cure: seeing.kind == MultiHeadAttention.kind
      ? "set causal: true"
      : recurrences.contains(seeing.kind)
        ? "leave bidirectional out" : "use layers that work on each position, or look back")
}

/// Throws where a layer is told to leave out as padding what none of the data's tokens is: then no sequence would end.
private func checkPadding(of layer: any Layer, at name: String, tokens: Int?) throws {
  let padding = (layer as? EmbeddingBag)?.padding ?? layer.paddingToken
  guard let padding, let tokens, padding >= tokens else { return }
  throw Failure(
    .badConfiguration, at: name,
    "expected padding to be one of the data's \(count(tokens, "token")), from 0, found \(padding), which none is",
    cure: "name the token that stands behind the end of a text, or leave padding out")
}

/// Throws where features that have to stay as they are would be transformed.
func requireNone(_ transforms: Pipeline, _ reason: String) throws {
  guard let setting = transforms.transforms.last?.setting else { return }
  throw Failure(
    .badConfiguration, at: setting.key, "expected none, as \(reason), found \(setting.value)", cure: setting.cure)
}

extension Dataset {
  /// The first feature of `columns` that is no token below `vocabulary`, and its sample.
  fileprivate func firstNumber(in columns: Range<Int>, outside vocabulary: Int) -> (sample: Int, value: Float)? {
    func isToken(_ value: Float) -> Bool { value >= 0 && value < Float(vocabulary) && value == value.rounded() }
    let width = shape.count
    if case .bytes(let bytes) = features {
      let bad = bytes.indices.first { columns.contains($0 % width) && !isToken(Float(bytes[$0])) }
      return bad.map { ($0 / width, Float(bytes[$0])) }
    }
    var found: (sample: Int, value: Float)?
    features.forEachBlockOfFloats { start, block in
      for (place, value) in block.enumerated() where columns.contains((start + place) % width) && !isToken(value) {
        found = ((start + place) / width, value)
        return false
      }
      return true
    }
    return found
  }
}
