import Diagnostics
import Layers
import TestSupport
import Testing

@testable import Lockstep

/// `tied` in a configuration, and a run of it.
@Suite struct TiedSettingsTests {
  private static let text = "{noise-text: {vocabulary: 9, length: 4, count: 24}}"
  private static let embedding = "{embedding: {vocabulary: 9, width: 5}}"

  private func yaml(_ last: String) -> String {
    """
    data: \(Self.text)
    standardise: none
    model: [\(Self.embedding), {dense: 5}, tanh, {dense: \(last)}]
    batch: 8
    micro-batch: 2
    epochs: 1

    """
  }

  @Test func isReadAndKept() throws {
    let tied = try configuration(yaml("{units: 9, tied: 0}"))
    #expect((tied.layers[3] as? Dense)?.tied == "0")
    #expect(tied.resolved.contains("tied: 0") || tied.resolved.contains("tied: \"0\""))
    let again = try configuration(tied.resolved)
    #expect((again.layers[3] as? Dense)?.tied == "0" && again.resolved == tied.resolved)
    // Configurations of earlier versions stay what they were.
    #expect(!(try configuration(yaml("9")).resolved.contains("tied")))
  }

  /// A layer that is tied to nothing is one without the key, however that is said.
  @Test func nullIsNotTied() throws {
    let plain = try configuration(yaml("{units: 9, initialiser: zeros}"))
    for text in ["null", "~", ""] {
      let found = try configuration(yaml("{units: 9, initialiser: zeros, tied: \(text)}"))
      #expect(found.resolved == plain.resolved && found.settings == plain.settings, "'\(text)'")
      #expect(found.identity.map(\.text) == plain.identity.map(\.text))
    }
    let untied = try configuration(yaml("{units: 9, tied: 0}"), "model.3.dense.tied=null")
    #expect(try untied.resolved == configuration(yaml("9")).resolved)
    let unknown = try #require(throws: Failure.self) { try configuration(yaml("{units: 9, tide: null}")) }
    #expect(unknown.description.hasSuffix("model.3.dense.tide: unknown key; did you mean tied?"), "\(unknown)")
  }

  @Test func weightsStartAsTheEmbeddings() throws {
    let failure = try #require(throws: Failure.self) {
      try configuration(yaml("{units: 9, tied: 0, initialiser: zeros}"))
    }
    #expect(failure.description.contains("expected none, as the weights are those of the embedding at 0, found one"))
    #expect(failure.code == .badConfiguration)
  }

  @Test func aRunIsInspectedLoadedAndMeasured() throws {
    let folder = try Folder()
    _ = try folder.write("tied.yaml", yaml("{units: 9, bias: false, tied: 0}"))
    try train(folder["tied.yaml"], [], in: folder["run"])
    let model = try Model(folder["run"])
    #expect(model.plan.layout.slots.map(\.name) == ["0.weight", "1.weight", "1.bias"])
    let text = try Inspection(checkpoint: folder["run"]).text
    #expect(text.contains("0 (0.weight 9×5, tied)") && text.contains("parameters: \(45 + 30)"))
  }
}
