import Checkpoints
import Foundation
import TestSupport
import Testing

@testable import Lockstep

/// Models without the outputs that were pruned.
@Suite struct ShrinkingTests {
  private let folder: Folder

  init() throws { folder = try Folder() }

  private func outputs(_ model: Model) throws -> [Float] { try model.predict(model.testData()).view.array }

  /// A perceptron gives the same bits: what is left out are additions of 0.
  @Test(arguments: [[], ["ema={decay: 0.9}"], ["optimizer={sgd: {learning-rate: 0.05, momentum: 0.9}}"]])
  func aCutPerceptronHasTheSameBits(more: [String]) throws {
    let settings = [
      "data.two-class.train=1000", "epochs=3", "prune={share: 0.5, until: 2, every: 7, structured: true}",
      "model=[{dense: 16}, batch-norm, relu, {dense: 24}, tanh, {residual: {body: [{dense: 24}, gelu, {dense: 24}]}}, {dense: 2}]",
    ]
    try train("two-class", settings + more, in: folder["run"])
    let model = try Model(folder["run"])
    let found = try model.shrink(to: folder["small"])
    #expect(found.layers == [.init(place: "0", from: 16, to: 8), .init(place: "5.0", from: 24, to: 12)])
    let small = try Model(folder["small"])
    #expect(small.plan.layout.parameterCount < model.plan.layout.parameterCount)
    #expect(try outputs(small).map(\.bitPattern) == outputs(model).map(\.bitPattern))
    let comparison = try #require(found.comparison)
    #expect(comparison.figures.allSatisfy { $0.before == $0.after } && comparison.figures.count > 1)
    #expect(found.size.after == Double(4 * small.plan.layout.parameterCount) && found.of == model.record.digest)
    #expect(try Shrinking(ifThereOf: Checkpoint.load(folder["small"]).checkpoint) == found)
    // It is a model as others are.
    _ = try small.quantise(rows: 50)
    try small.exportONNX(to: folder["small.onnx"])
    let start = settings.filter { !$0.hasPrefix("prune") && !$0.hasPrefix("model") }
    let narrow =
      "model=[{dense: 8}, batch-norm, relu, {dense: 24}, tanh, {residual: {body: [{dense: 12}, gelu, {dense: 24}]}}, {dense: 2}]"
    let weights = "\(small.path)/model.safetensors"
    try train("two-class", start + [narrow, "start-from={safetensors: \(weights)}"], in: folder["on"])
  }

  /// Pictures: channels of convolutions, depthwise ones behind them, and the columns that a dense layer reads behind a flatten.
  @Test func aCutConvolutionalNetworkSaysTheSame() throws {
    // A class is where a picture is bright.
    let pixels = (0..<90 * 64).map { place -> UInt8 in
      let (picture, pixel) = (place / 64, place % 64)
      let bright = pixel / 22 == picture % 3 ? 150 : 20
      return UInt8(bright + (picture * 31 + pixel * 17) % 97)
    }
    let classes = (0..<90).map { UInt8($0 % 3) }
    let images = try folder.write("images", idx([90, 8, 8], pixels))
    let labels = try folder.write("labels", idx([90], classes))
    let part = "{images: \(images), labels: \(labels)}"
    try folder.write(
      "pictures.yaml",
      """
      data: {idx: {train: \(part), test: \(part)}}
      standardise: channel
      model:
        - convolution: {channels: 16, kernel: 3, padding: 1}
        - batch-norm
        - relu6
        - convolution: {channels: 16, kernel: 3, padding: 1, groups: 16}
        - relu
        - max-pool: 2
        - convolution: {channels: 24, kernel: 3}
        - prelu: {per-channel: true}
        - flatten
        - dense: 20
        - relu
        - dense: 3
      prune: {share: 0.5, until: 1, structured: true}
      epochs: 2
      batch: 16
      micro-batch: 8

      """)
    try train(folder["pictures.yaml"], in: folder["run"])
    let whole = try Model(folder["run"])
    let found = try whole.shrink(to: folder["small"])
    #expect(found.layers.map(\.place) == ["0", "6", "9"] && found.layers.map(\.to) == [8, 12, 10])
    let small = try Model(folder["small"])
    for (a, b) in zip(try outputs(small), try outputs(whole)) { #expect(abs(a - b) < 1e-5) }
  }

  @Test func whatCannotBeCutIsTold() throws {
    let settings = ["data.two-class.train=500", "epochs=1"]
    try train("two-class", settings, in: folder["run"])
    let model = try Model(folder["run"])
    let none = failure { _ = try model.shrink(to: folder["small"]) }
    #expect(none?.code == .unavailable && none?.description.contains("weights are all 0, found none") == true)
    #expect(!FileManager.default.fileExists(atPath: folder["small"]))
    let there = failure { _ = try model.shrink(to: folder.path) }
    #expect(there?.code == .usage && there?.description.contains("expected nothing there") == true)
    let mlp = ["model={mlp: {hidden: [16, 16]}}", "prune={share: 0.5, until: 1, structured: true}"]
    try train("two-class", settings + mlp, in: folder["body"])
    let body = failure { _ = try Model(folder["body"]).shrink(to: folder["small"]) }
    #expect(body?.code == .unavailable && body?.description.contains("written one by one") == true)
  }
}
