import Diagnostics
import Formats

/// A configuration for one text: a small transformer that predicts its next piece.
struct CorpusDraft: Draft {
  let yaml: String
  let found: String
  let notes: [String] = []

  private static let endings = TextFilesFormat.usualEndings + ["text", "md"]

  /// Whether a file of this name is taken for a text.
  static func takes(_ file: String) -> Bool {
    let name = file.lowercased()
    return endings.contains { name.hasSuffix(".\($0)") }
  }

  init(_ file: String, _ place: DraftPlace) throws {
    let text = try draftText(file)
    let (characters, bytes) = (text.unicodeScalars.count, text.utf8.count)
    // Twenty windows and more to learn from, and some to be tested with.
    guard characters >= 2_000 else {
      throw Failure(
        .badData, at: file, "expected a text of 2,000 characters at least, found \(grouped(characters))",
        cure: "add more of it; to learn classes of texts, put each into a file in a folder of its class")
    }
    let letters = Set(text.unicodeScalars).count
    let isCut = bytes >= 1 << 20 || letters > 256
    let vocabulary = isCut ? draftPieces(bytes, letters: letters) : 256
    let (width, length) = bytes >= 1 << 20 ? (192, 128) : (128, 64)
    let windows = (isCut ? bytes / 3 : characters) / length
    found =
      "the next \(isCut ? "piece of a word" : "character") of a text of \(grouped(characters)) characters, \(grouped(letters)) different ones"
    let normal = "initialiser: {normal: {deviation: 0.02}}"
    let first =
      text.split(whereSeparator: \.isWhitespace).first { word in
        !word.unicodeScalars.contains { $0.properties.generalCategory == .control }
      }.map { String($0.prefix(40)) } ?? ""
    var lines = place.head(
      "\(grouped(characters)) characters of text in \(file)",
      use: "Write:   lockstep generate \(place.run) --prompt=\(DraftPlace.word(first)) --length 200")
    lines += ["data:", "  text:", "    file: \(place.path(file))"]
    lines +=
      isCut
      ? ["    vocabulary: {bpe: \(vocabulary)}   # pieces of words, learned from the training text"]
      : ["    unit: characters", "    vocabulary: \(vocabulary)"]
    lines += [
      "    length: \(length)", "    test-share: 0.1   # the last tenth of the text", "standardise: none", "model:",
      "  - embedding: {vocabulary: \(vocabulary), width: \(width), \(normal)}", "  - positions: {\(normal)}",
      "  - repeat:", "      times: 3", "      body:",
      "        - residual: {body: [layer-norm, {attention: {heads: \(width / 32), causal: true, \(normal)}}]}",
      "        - residual:", "            body:", "              - layer-norm",
      "              - dense: {units: \(4 * width), \(normal)}", "              - gelu: {approximation: tanh}",
      "              - dense: {units: \(width), \(normal)}", "  - layer-norm",
      "  - dense: {units: \(vocabulary), tied: \"0\", bias: false}", "loss: cross-entropy",
      "optimizer: {adamw: {learning-rate: 0.002, beta2: 0.98, weight-decay: 0.1, decay: weights}}",
      "schedule: {cosine: {warmup: \(min(50, max(1, windows / 32)))}}", "clip-norm: 1",
      "epochs: \(min(20, max(1, 10_000 / max(1, windows))))   # passes over \(grouped(windows)) windows",
      "batch: 32", "micro-batch: 16", "seed: 1",
    ]
    yaml = lines.map { "\($0.shown())\n" }.joined()
  }
}
