import Layers
import TestSupport
import Testing

@testable import Lockstep

@Suite struct NormalisationSettingsTests {
  /// The first settings of the normalisations are different ones: a bare number is neither.
  @Test(arguments: [
    (
      "{batch-norm: 0.3}",
      "model.0.batch-norm: expected the name of a setting, found 0.3; "
        + "write {momentum: 0.3} or {epsilon: 0.3}"
    ),
    ("{layer-norm: 1e-6}", "model.0.layer-norm: expected the name of a setting, found 1e-6; write {epsilon: 1e-6}"),
    ("{layer-norm: [1]}", "model.0.layer-norm: expected the name of a setting, found a list; write {epsilon: …}"),
  ])
  func bareNumbersOfNormalisations(layer: String, message: String) throws {
    let found = failure { _ = try layers(layer) }
    #expect(found?.description == "run.yaml:2: " + message)
    #expect(
      try layers("{batch-norm: {momentum: 0.3}}, layer-norm, {layer-norm: {epsilon: 1e-6}}, batch-norm").count == 4
    )
  }

  private func layers(_ yaml: String) throws -> [any Layer] {
    try configuration("data: two-class\nmodel: [\(yaml)]\n").layers
  }
}
