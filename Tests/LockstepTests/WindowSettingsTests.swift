import TestSupport
import Testing

@testable import Lockstep

/// Settings of layers of pictures and sequences that cannot be, each with its place, what is expected, and what was found.
@Suite struct WindowSettingsTests {
  @Test(arguments: [
    (
      "{transposed-convolution: {channels: 4, stride: 2, output-padding: 2}}",
      "output-padding: expected fewer rows and columns than the stride (2×2), found 2×2; make it smaller, or the stride larger"
    ),
    (
      "{transposed-convolution-1d: {channels: 4, output-padding: 1}}",
      "output-padding: expected fewer rows and columns than the stride (1×1), found 0×1"
    ),
    ("{transposed-convolution: {channels: 4, padding: same}}", "padding: expected a whole number from 0"),
    ("{transposed-convolution: {channels: 4, groups: 3}}", "groups: expected a divisor of the channels (4), found 3"),
    ("{convolution: {channels: 4, groups: 3}}", "groups: expected a divisor of the channels (4), found 3"),
    ("{convolution-1d: {channels: 4, groups: 3}}", "groups: expected a divisor of the channels (4), found 3"),
    ("{convolution-1d: {channels: 4, kernel: [3, 1]}}", "kernel: expected a whole number from 1"),
    ("{convolution-1d: {channels: 4, padding: valid}}", "padding: expected a whole number from 0"),
    ("{convolution: {channels: 4, padding: causal}}", "padding: expected a whole number from 0"),
    ("{max-pool-1d: {size: 3, padding: 2}}", "padding: expected at most half of the window (3), found 2"),
    ("{max-pool: {size: 3, padding: 2}}", "padding: expected at most half of the window (3×3), found 2×2"),
    ("{average-pool-1d: {size: 2, padding: causal}}", "padding: expected a whole number from 0"),
    ("{average-pool: {size: 2, count-include-pad: 1}}", "count-include-pad: expected true or false"),
    ("{adaptive-average-pool: 0}", "size: expected a whole number from 1"),
    ("{adaptive-max-pool: [1, 2, 3]}", "size: expected"),
    ("{group-norm: 0}", "groups: expected a whole number from 1"), ("group-norm", "group"),
    ("{rms-norm: 0.1}", "rms-norm"), ("{elu: -1}", "alpha: expected a number from 0"),
    ("{softplus: 0}", "beta: expected a number from"), ("{prelu: {slopes: 0.1}}", "slopes: unknown key"),
    ("{swiglu: 0}", "units: expected a whole number from 1"), ("{hard-swish: 3}", "hard-swish"),
  ])
  func mistakesAreTold(layer: String, expected: String) throws {
    let found = try #require(
      failure { _ = try configuration("data: two-class\nmodel: [\(layer)]\n") }, "\(layer) is taken")
    #expect(found.code == .badConfiguration && found.description.contains(expected), "\(layer): \(found)")
    #expect(found.description.hasPrefix("run.yaml:2: model"), "\(found)")
  }

  /// Whole numbers, lists and words, as an editor is told by the schema too.
  @Test(arguments: [
    "{convolution-1d: {channels: 4, padding: causal}}", "{convolution-1d: {channels: 4, padding: same}}",
    "{max-pool-1d: {size: 3, stride: 2, padding: 1}}", "{adaptive-average-pool: [2, 1]}", "{adaptive-max-pool: 2}",
    "{transposed-convolution: {channels: 4, stride: [2, 3], output-padding: [1, 2]}}", "{group-norm: 1}", "prelu",
    "{prelu: 0.1}", "{max-pool: 40}",
  ])
  func whatMayBeIsTaken(layer: String) throws {
    #expect(try configuration("data: two-class\nmodel: [\(layer)]\n").layers.count == 1)
  }
}
