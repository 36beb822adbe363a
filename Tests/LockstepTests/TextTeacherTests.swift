import Checkpoints
import Foundation
import TestSupport
import Testing

@testable import Lockstep

/// Students of texts: models that write, of characters and of pieces of words, and classes of texts.
@Suite struct TextTeacherTests {
  private let folder: Folder

  init() throws {
    folder = try Folder()
    let text = (0..<220).map { "line \($0 % 7): the cat sat on mat \($0 * 13 % 10).\n" }.joined()
    try folder.write("corpus.txt", text)
    let text2 = (0..<220).map { "line \($0 % 7): the dog ran to mat \($0 * 13 % 10).\n" }.joined()
    try folder.write("other.txt", text2)
    try train(recipe, network(16) + ["seed=7", "epochs=6"], in: folder["teacher"])
  }

  private let recipe = "char-gpt"
  private func network(_ width: Int, file: String = "corpus.txt") -> [String] {
    let block = "{residual: {body: [layer-norm, {attention: {heads: 2, causal: true}}]}}"
    return [
      "data.text={file: \(folder[file]), length: 12, vocabulary: 32, test-share: 0.2}",
      "model=[{embedding: {vocabulary: 32, width: \(width)}}, positions, \(block), layer-norm, {dense: 32}]",
      "schedule=constant", "batch=32", "micro-batch=8", "epochs=2", "checkpoint-every=5", "keep-checkpoints=99",
    ]
  }

  private func student(_ more: [String] = []) -> [String] {
    network(4) + ["teacher={checkpoint: \(folder["teacher"]), temperature: 2, share: 0.7}"] + more
  }

  @Test func theBitsAreTheSameOnAnyRanksKeptOrAskedAndWhenResumed() throws {
    let digest = try train(recipe, student(), in: folder["1"])
    for ranks in [2, 3, 5] {
      let own = student(["lanes=2", "teacher.memory=\(ranks == 2 ? "0" : "null")"])
      #expect(try train(recipe, own, in: folder["\(ranks)"], ranks: ranks) == digest)
    }
    try folder.copy("1", to: "resumed")
    for name in folder.names("resumed") where name.hasPrefix("step-") && Int(name.dropFirst(5))! > 15 {
      try folder.remove("resumed/\(name)")
    }
    // The teacher has moved, and there is no memory to keep what it says.
    try folder.copy("teacher", to: "moved")
    let moved = student(["teacher.memory=0", "teacher.checkpoint=\(folder["moved"])"])
    #expect(try train(recipe, moved, in: folder["resumed"], ranks: 2, start: .resume) == digest)
    // Controls: nobody's student, and one of other settings.
    #expect(try train(recipe, network(4), in: folder["alone"]) != digest)
    #expect(try train(recipe, student(["teacher.share=0.6"]), in: folder["share"]) != digest)
  }

  /// Targets that the loss leaves out are left out of what the teacher says as well.
  @Test func ignoredTargetsAreNotTaught() throws {
    let ignoring = ["loss={cross-entropy: {ignore: 5}}"]
    let one = try train(recipe, student(ignoring), in: folder["1"])
    #expect(try train(recipe, student(ignoring + ["teacher.memory=0"]), in: folder["3"], ranks: 3) == one)
    #expect(try train(recipe, student(), in: folder["all"]) != one)
  }

  @Test func aTeacherOfOtherTokensIsNamed() throws {
    try train(recipe, network(16, file: "other.txt") + ["epochs=1"], in: folder["dogs"])
    let other = failure { try train(recipe, student(["teacher.checkpoint=\(folder["dogs"])"]), in: folder["bad"]) }
    #expect(
      other?.description.contains(
        "expected the student's vocabulary of 32 tokens, found another of 32, in which ") == true,
      "\(String(describing: other))")
    let longer = failure { try train(recipe, student(["data.text.length=14"]), in: folder["bad"]) }
    #expect(
      longer?.description.contains("expected samples of 14, found 12") == true,
      "\(String(describing: longer))")
  }

  /// A table's texts, with ends, in one vocabulary.
  @Test func classesOfTextsAreTaught() throws {
    let rows = (0..<240).map {
      "\"the \(["cat", "dog", "cow"][$0 % 3]) \(["sat", "ran"][$0 % 2]) \($0 % 11)\",\($0 % 3)"
    }
    try folder.write("texts.csv", "text,animal\n" + rows.joined(separator: "\n") + "\n")
    func settings(_ width: Int, bpe: Int = 300) -> [String] {
      [
        """
        data={table: {source: {csv: {files: \(folder["texts.csv"])}}, target: animal, keep-under: \(folder["prepared"]), \
        split: {stratified: {test: 0.2}}, columns: [{tokens: {columns: text, length: 12, vocabulary: {bpe: \(bpe)}}}]}}
        """,
        "model=[{embedding: {width: \(width)}}, {parallel: {branches: [[mean-positions], [max-positions]]}}, {dense: 3}]",
        "epochs=3", "batch=32", "micro-batch=8",
      ]
    }
    try train("topics", settings(12), in: folder["large"])
    let taught = settings(3) + ["teacher={checkpoint: \(folder["large"]), share: 0.8}"]
    let digest = try train("topics", taught, in: folder["small"])
    #expect(try train("topics", taught + ["teacher.memory=0"], in: folder["small-3"], ranks: 3) == digest)
    #expect(try train("topics", settings(3), in: folder["alone"]) != digest)
    let other = settings(3, bpe: 290) + ["teacher={checkpoint: \(folder["large"])}"]
    let found = failure { try train("topics", other, in: folder["bad"]) }
    #expect(
      found?.description.contains("expected the student's vocabulary of column 'text', found another one") == true,
      "\(String(describing: found))")
    // Another split has other training rows: numbers that were fitted to them mean something else.
    let seed = failure { try train("topics", taught + ["seed=9"], in: folder["bad"]) }
    #expect(seed?.description.contains("teacher.checkpoint") == true, "\(String(describing: seed))")
  }
}
