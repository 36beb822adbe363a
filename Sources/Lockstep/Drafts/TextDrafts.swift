import Diagnostics
import Files
import Foundation

/// A configuration for texts in folders, a file each: pieces of words, and the mean and the largest of what they stand for.
struct TextFilesDraft: Draft {
  let yaml: String
  let found: String
  let notes: [String]

  init(_ look: FolderLook, _ place: DraftPlace) throws {
    var (lengths, words, faults) = ([Int](), [Int](), [String]())
    for path in look.sample {
      do {
        let text = try textBytes(path)
        lengths.append(text.count)
        words.append(text.split { $0 <= 0x20 }.count)
      } catch { faults.append("\(error)") }
    }
    notes = try look.note(of: faults)
    found = look.comment
    words.sort()
    // A word is 1.5 pieces, roughly; nine of ten texts are read whole.
    let pieces = words[words.count * 9 / 10] * 3 / 2
    let length = [32, 64, 128, 256].first { $0 >= pieces } ?? 512
    let bytes = lengths.reduce(0, +) / max(1, lengths.count) * look.trainingCount
    var lines = place.head(
      "\(count(look.paths.count, "text")) in \(look.folder), of which \(grouped(look.sample.count)) were opened: \(grouped(words[0])) to \(count(words[words.count - 1], "word"))",
      use: "Predict: lockstep predict runs/\(place.name) --input FOLDER --output predictions.csv")
    let train = look.divisions.first?.path ?? look.folder
    if let test = look.divisions.first(where: { $0.key == "test" }) {
      lines.append("# Test:    lockstep evaluate runs/\(place.name) --data \(test.path)")
    }
    lines += [
      "data:", "  table:", "    source: {text-files: {files: \(place.path(train))}}",
      "    target: class   # \(look.comment)",
      "    split: {stratified: {test: 0.2, validation: 0.1}}   # training is watched by validation texts alone",
      "    columns:",
      "      - tokens: {columns: text, length: \(length), vocabulary: {bpe: \(pieceCount(bytes))}}   # longer texts are cut",
      "model:", "  - embedding: {width: 64, initialiser: {normal: {deviation: 0.1}}}", "  - dropout: 0.2",
      "  - parallel: {branches: [[mean-positions], [max-positions]]}", "  - dropout: 0.3",
      "  - dense: \(look.classes.count)",
    ]
    let pace = PaceDraft(count: look.trainingCount, samples: 60_000, epochs: 5...30)
    lines += pace.lines(rate: "0.002", decay: "0.1") + look.advice
    yaml = lines.map { "\($0.shown())\n" }.joined()
  }
}

/// A configuration for one text: a small transformer that predicts its next piece.
struct CorpusDraft: Draft {
  let yaml: String
  let found: String
  let notes: [String]

  init(_ file: String, _ place: DraftPlace) throws {
    let bytes = try textBytes(file)
    // Twenty windows to learn from, and some to be tested with.
    guard bytes.count >= 2_000 else {
      throw Failure(
        .badData, at: file, "expected a text of 2,000 bytes at least, found \(grouped(bytes.count))",
        cure: "add more of it; to learn classes of texts, put each into a file in a folder of its class")
    }
    let isLarge = bytes.count >= 1 << 20
    let vocabulary = isLarge ? pieceCount(bytes.count) : 256
    let (width, layers, length) = isLarge ? (192, 3, 128) : (128, 3, 64)
    let windows = isLarge ? bytes.count / 3 / length : bytes.count / length
    found = "the next \(isLarge ? "piece of a word" : "character") of a text of \(grouped(bytes.count)) bytes"
    notes = []
    let normal = "initialiser: {normal: {deviation: 0.02}}"
    var lines = place.head(
      "\(grouped(bytes.count)) bytes of text in \(file)",
      use: "Write:   lockstep generate runs/\(place.name) --prompt \"The\" --length 200")
    lines += ["data:", "  text:", "    file: \(place.path(file))"]
    lines.append(
      isLarge
        ? "    vocabulary: {bpe: \(vocabulary)}   # pieces of words, learned from the training text"
        : "    unit: characters\n    vocabulary: \(vocabulary)")
    lines += [
      "    length: \(length)", "    test-share: 0.1   # the last tenth of the text", "standardise: none", "model:",
      "  - embedding: {vocabulary: \(vocabulary), width: \(width), \(normal)}", "  - positions: {\(normal)}",
      "  - repeat:",
      "      times: \(layers)", "      body:",
      "        - residual: {body: [layer-norm, {attention: {heads: \(width / 32), causal: true, \(normal)}}]}",
      "        - residual:", "            body:", "              - layer-norm",
      "              - dense: {units: \(4 * width), \(normal)}", "              - gelu: {approximation: tanh}",
      "              - dense: {units: \(width), \(normal)}", "  - layer-norm",
      "  - dense: {units: \(vocabulary), tied: \"0\", bias: false}", "loss: cross-entropy",
      "optimizer: {adamw: {learning-rate: 0.002, beta2: 0.98, weight-decay: 0.1, decay: weights}}",
      "schedule: {cosine: {warmup: 50, minimum: 0.0001}}", "clip-norm: 1",
      "epochs: \(min(20, max(1, 10_000 / max(1, windows))))", "batch: 32", "micro-batch: 16", "seed: 1",
    ]
    yaml = lines.joined(separator: "\n").split(separator: "\n").map { "\(String($0).shown())\n" }.joined()
  }
}

/// How many pieces of words are learned from so many bytes.
private func pieceCount(_ bytes: Int) -> Int { bytes < 1 << 20 ? 2048 : bytes < 10 << 20 ? 4096 : 8192 }

/// The bytes of a text, unpacked; throws bad data (65) where it is empty, or no UTF-8.
private func textBytes(_ path: String) throws -> [UInt8] {
  let bytes = try ByteReader(path).contents(limit: 1 << 30, memory: 4, fewer: "letters")
  guard !bytes.isEmpty else {
    throw Failure(.badData, at: path, "expected a text, found an empty file", cure: "fill it")
  }
  guard String(validating: bytes, as: UTF8.self) != nil else {
    throw Failure(.badData, at: path, "expected UTF-8 text, found other bytes", cure: "convert it: iconv -t UTF-8")
  }
  return Array(bytes)
}
