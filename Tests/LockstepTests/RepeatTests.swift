import Layers
import TestSupport
import Testing

@testable import Lockstep

/// `repeat` in a list of layers stands for its body, so many times.
@Suite struct RepeatTests {
  private static let block = "{residual: {body: [layer-norm, {dense: 4}, {dropout: 0.5}]}}"

  private func layers(_ model: String) throws -> [any Layer] {
    try configuration("data: two-class\nmodel: \(model)\n").layers
  }

  private func slots(_ model: String) throws -> [String] {
    try Network(input: [4], layers: layers(model)).plan(microBatch: 2).layout.slots.map { "\($0.name) \($0.range)" }
  }

  @Test func slotsAreNumberedAsIfWrittenOut() throws {
    let written = "[{dense: 4}, \(Self.block), relu, \(Self.block), relu, {dense: 2}]"
    let found = try slots("[{dense: 4}, {repeat: {times: 2, body: [\(Self.block), relu]}}, {dense: 2}]")
    #expect(try found == slots(written) && found.contains { $0.hasPrefix("5.weight ") }, "\(found)")
    let nested = "[{repeat: {times: 2, body: [{repeat: {times: 3, body: [{dense: 4}]}}, relu]}}]"
    #expect(try layers(nested).count == 8)
    let inside = "[{residual: {body: [{repeat: {times: 3, body: [{dense: 4}]}}]}}]"
    #expect(try slots(inside) == slots("[{residual: {body: [{dense: 4}, {dense: 4}, {dense: 4}]}}]"))
  }

  /// Starting values, dropped units and all.
  @Test func trainingKnowsNoDifference() throws {
    let folder = try Folder()
    let end = "{dense: 2}]"
    for (name, model) in [
      ("written", "[{dense: 4}, \(Self.block), \(Self.block), \(end)"),
      ("repeated", "[{dense: 4}, {repeat: {times: 2, body: [\(Self.block)]}}, \(end)"),
    ] {
      try train("two-class", ["epochs=1", "model=\(model)"], in: folder[name])
    }
    #expect(try Model(folder["written"]).record.digest == Model(folder["repeated"]).record.digest)
  }

  @Test(arguments: [
    ("{times: 0, body: [relu]}", "repeat.times: expected a whole number from 1 to 65536, found 0"),
    ("{times: 2}", "repeat.body: required, but missing"), ("{times: 2, body: []}", "repeat.body: "),
    ("{times: 40000, body: [relu, relu]}", "repeat.times: 40000 times 2 layers are more than 65536"),
    ("{times: 2, body: [rleu]}", "did you mean relu?"),
    // Inside of other layers as well: 2³² in all, were they made.
    (
      "{times: 65536, body: [{sequential: [{repeat: {times: 65535, body: [relu]}}]}]}",
      "run.yaml:2: model.0.repeat.times: 65536 times 65536 layers are more than 65536; repeat it less often"
    ),
    (
      "{times: 2, body: [{residual: {body: [{repeat: {times: 40000, body: [relu]}}]}}]}",
      "repeat.times: 2 times 40001 layers are more than 65536"
    ),
    (
      "{times: 1, body: [{parallel: {branches: [[relu], [{repeat: {times: 65534, body: [relu]}}]]}}, relu]}",
      "repeat.body: expected at most 65536 layers, those inside of others among them, found more; "
    ),
  ])
  func badSettings(settings: String, message: String) {
    let failure = failure { _ = try layers("[{repeat: \(settings)}]") }
    #expect(failure?.description.contains(message) == true, "\(failure as Any)")
  }

  /// Each of them is small enough, all of them together are not.
  @Test func aModelOfTooManyLayers() {
    let half = "{residual: {body: [{repeat: {times: 40000, body: [relu]}}]}}"
    expectFailure(
      .badConfiguration,
      "model: expected at most 65536 layers, those inside of others among them, found more; repeat some of them"
    ) { _ = try layers("[\(half), \(half)]") }
  }
}
