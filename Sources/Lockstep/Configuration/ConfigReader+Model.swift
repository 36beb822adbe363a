import Configuration
import Diagnostics
import Layers

extension ConfigReader {
  /// `model`: layers one by one, or a body that makes them once the outputs are known.
  func model() throws -> (layers: [any Layer], body: (any Body)?) {
    if let value = value("model"), let word = value.word, layerKinds.names.contains(word),
      !bodyKinds.names.contains(word)
    {
      throw value.failure(
        "expected a list of layers, or one of \(bodyKinds.names.joined(separator: ", ")), found \(word) alone",
        cure: "put it into a list: - \(word)")
    }
    let bodies: ConfigCases<(layers: [any Layer], body: (any Body)?)> = bodyKinds.cases { ([], try $0.init($1)) }
    return try choice("model", bodies, of: "body") { (try layers("model", count: 1...), nil) }
  }

  /// Tells those who write a configuration of Ludwig's what the words are here.
  func refuseLudwigsWords() throws {
    let words = [
      ("features", "columns stand in data: {table: {columns: [{number: Age}, {category: Job}], target: …}}"),
      ("combiner", "layers, or one of \(bodyKinds.names.joined(separator: ", ")), stand in model"),
      ("trainer", "epochs, batch, optimizer and schedule stand at the top"),
      ("training", "epochs, batch, optimizer and schedule stand at the top"),
      ("preprocessing", "split stands in data: {table: {split: …}}, what is done to a column with the column"),
    ]
    for (word, cure) in words {
      let forms =
        word == "features" ? ["input_features", "output_features", "input-features", "output-features"] : [word]
      guard let key = forms.first(where: contains) else { continue }
      throw failure(at: key, "a key of Ludwig's configurations, which has another form here", cure: cure)
    }
  }
}
