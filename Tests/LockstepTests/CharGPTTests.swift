import TestSupport
import Testing

@testable import Lockstep

/// The recipe on the text that it names: about a minute on two cores.
@Suite struct CharGPTTests {
  @Test func keepsWhatItsHeaderPromises() throws {
    let folder = try Folder()
    try train("char-gpt", in: folder["run"])
    let model = try Model(folder["run"])
    let perplexity = try #require(model.record.metrics["test perplexity"])
    #expect(perplexity <= 7, "test perplexity \(perplexity)")
    let text = try model.generate(from: "A hacker is ", count: 100, temperature: 0.7, topK: 20, seed: 1)
    #expect(text.contains(" "), "words, and spaces between them: \(text)")
  }
}
