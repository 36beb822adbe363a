import Diagnostics
import Layers
import TestSupport
import Testing

@testable import Lockstep

/// The settings of attention's forms and of padding: what they make, what is said of wrong ones, and that runs of earlier versions stay
/// what they were.
@Suite struct AttentionSettingsTests {
  private func layer(_ yaml: String) throws -> any Layer {
    try configuration("data: two-class\nmodel: [\(yaml)]\n").layers[0]
  }

  @Test func settingsMakeTheLayer() throws {
    let grouped = try #require(
      try layer(
        "{attention: {heads: 6, causal: true, key-heads: 2, positions: {rotary: {base: 500}}, window: 9, dropout: 0.25}}"
      )
        as? MultiHeadAttention)
    #expect(grouped.heads == 6 && grouped.keyHeads == 2 && grouped.isCausal && grouped.window == 9)
    #expect(grouped.positions == .rotary(base: 500) && grouped.dropout == 0.25)
    let plain = try #require(try layer("{attention: {heads: 6}}") as? MultiHeadAttention)
    #expect(plain.keyHeads == 6 && plain.positions == .none && plain.window == nil && plain.dropout == 0)
    let rotary = try #require(try layer("{attention: {heads: 6, positions: rotary}}") as? MultiHeadAttention)
    #expect(rotary.positions == .rotary(base: 10_000))
    #expect(try layer("{embedding: {vocabulary: 9, width: 4, padding: 8}}").paddingToken == 8)
    #expect(try layer("{embedding: {vocabulary: 9, width: 4}}").paddingToken == nil)
  }

  @Test(arguments: [
    ("{attention: {heads: 6, key-heads: 4}}", "model.0.attention.key-heads: expected a divisor of 6 heads, found 4"),
    ("{attention: {heads: 2, window: 4}}", "model.0.attention.window: expected causal attention, which looks back"),
    ("{attention: {heads: 2, dropout: 1}}", "model.0.attention.dropout: "),
    ("{attention: {heads: 2, positions: sines}}", "model.0.attention.positions: "),
    ("{attention: {heads: 2, positions: {rotary: {base: 0.5}}}}", "model.0.attention.positions.rotary.base: "),
    ("{embedding: {vocabulary: 9, width: 4, padding: 9}}", "model.0.embedding.padding: "),
    ("{encoder-decoder: {encoder: [relu]}}", "model.0.encoder-decoder"),
  ])
  func wrongOnesAreNamed(yaml: String, line: String) throws {
    let found = failure { _ = try layer(yaml) }
    #expect(found?.code == .badConfiguration)
    #expect(found?.description.contains(line) == true, "\(found?.description ?? "nothing")")
  }

  /// The resolved configuration of a model that has none of them says nothing of them.
  @Test func runsOfEarlierVersionsStayWhatTheyWere() throws {
    let model = "[{embedding: {vocabulary: 9, width: 4}}, {attention: {heads: 2, window: null}}, flatten, {dense: 2}]"
    let plain = try configuration("data: two-class\nmodel: \(model)\n").resolved
    for key in ["padding", "key-heads", "positions:", "window", "dropout"] { #expect(!plain.contains(key), "\(key)") }
    let told = try configuration(
      "data: two-class\nmodel: [{embedding: {vocabulary: 9, width: 4, padding: 0}}, {attention: {heads: 2, positions: alibi}}]\n"
    ).resolved
    #expect(told.contains("padding: 0") && told.contains("alibi"))
  }
}
