import Diagnostics
import Files
import Foundation
import Preparation

/// A configuration for texts in folders, a file each: pieces of words, and the mean and the largest of what they stand for.
struct TextFilesDraft: Draft {
  let yaml: String
  let found: String
  let notes: [String]

  init(_ look: FolderLook, _ place: DraftPlace) throws {
    let draft = FolderDraft(look, place)
    var (sizes, words, pieces, faults, empty) = ([Int](), [Int](), [Int](), [String](), 0)
    var letters: Set<Unicode.Scalar> = []
    for path in look.sample {
      do {
        let text = try draftText(path)
        guard !text.isEmpty else {
          empty += 1
          continue
        }
        sizes.append(text.utf8.count)
        letters.formUnion(text.unicodeScalars)
        words.append(text.split(whereSeparator: \.isWhitespace).count)
        // A word is 1.5 pieces, roughly; where there are no spaces, a piece is some bytes.
        pieces.append(max(words.last! * 3 / 2, text.utf8.count / 6))
      } catch { faults.append("\(error)") }
    }
    guard !sizes.isEmpty || !faults.isEmpty else {
      throw Failure(.badData, at: look.folder, "expected texts, found empty files", cure: "fill them")
    }
    let (few, are) = (count(empty, "text"), empty == 1 ? "is" : "are")
    notes = try draft.notes(of: faults) + (empty == 0 ? [] : ["\(few) that \(are) empty \(are) passed over"])
    found = draft.comment
    words.sort()
    // Nine of ten texts are read whole.
    let long = pieces.sorted()[pieces.count * 9 / 10]
    let length = [32, 64, 128, 256].first { $0 >= long } ?? 512
    let bytes = sizes.reduce(0, +) / sizes.count * draft.trainingCount
    var lines = draft.head(
      "\(grouped(words[0])) to \(count(words[words.count - 1], "word"))", predict: " --keep file")
    if let test = look.divisions.first(where: { $0.key == "test" }) {
      lines.append("# Test:    lockstep evaluate \(place.run) --data \(DraftPlace.word(test.path))")
    }
    for division in look.divisions where division.key == "validation" {
      lines.append("# \(division.path) is left out: some of the training texts watch training.")
    }
    lines += [
      "data:", "  table:",
      "    source: {text-files: {files: \(place.path(look.divisions.first?.path ?? look.folder))}}",
      "    target: class   # \(draft.comment)",
    ]
    if look.classes.contains(where: { TableSettings.usualMissing.contains($0.name) }) {
      lines.append("    missing: [\"\"]   # what else usually stands for nothing is a class here")
    }
    lines += [
      "    split: \(draft.split)   # training is watched by validation texts alone", "    columns:",
      "      - tokens: {columns: text, length: \(length), vocabulary: {bpe: \(draftPieces(bytes, letters: letters.count))}}   # longer texts are cut",
      "model:", "  - embedding: {width: 64, initialiser: {normal: {deviation: 0.1}}}", "  - dropout: 0.2",
      "  - parallel: {branches: [[mean-positions], [max-positions]]}", "  - dropout: 0.3",
      "  - dense: \(look.classes.count)",
    ]
    let pace = PaceDraft(count: draft.trainingCount, samples: 60_000, epochs: 5...30)
    lines += pace.lines(rate: "0.002", decay: "0.1", isWatched: draft.isWatched) + draft.advice
    yaml = lines.map { "\($0.shown())\n" }.joined()
  }
}

/// How many pieces of words are learned from so many bytes, in which so many different characters were found: one for each of these and
/// for each byte, and as many that are longer.
func draftPieces(_ bytes: Int, letters: Int) -> Int {
  let usual = bytes < 1 << 20 ? 2048 : bytes < 10 << 20 ? 4096 : 8192
  var pieces = usual
  while pieces < 2 * letters + 256 { pieces *= 2 }
  return pieces
}

/// A text, unpacked; throws bad data (65), without a cure, where it is no UTF-8.
func draftText(_ path: String) throws -> String {
  let bytes = try ByteReader(path).contents(limit: 1 << 30, memory: 4, fewer: "letters")
  guard let text = String(validating: bytes, as: UTF8.self) else {
    throw Failure(.badData, at: path, "expected UTF-8 text, found other bytes")
  }
  return text
}
