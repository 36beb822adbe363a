import TestSupport
import Testing

@testable import Lockstep

/// The recipe on a seventh of the text that it names; `scripts/check-recipes` trains it on all.
@Suite struct CharGPTTests {
  @Test func learnsMoreThanHowOftenLettersOccur() throws {
    let folder = try Folder()
    try train("char-gpt", ["data.text.stride=448", "schedule.cosine.warmup=20"], in: folder["run"])
    let model = try Model(folder["run"])
    let perplexity = try #require(model.record.metrics["test perplexity"])
    #expect(perplexity <= 17, "test perplexity \(perplexity)")
    let text = try model.generate(from: "A hacker is ", count: 100, temperature: 0.7, topK: 20, seed: 1)
    #expect(text.contains(" "), "words, and spaces between them: \(text)")
  }
}
