import Foundation
import TestSupport
import Testing

@testable import Lockstep

/// Runs whose training samples are augmented.
@Suite struct AugmentationRunTests {
  private let folder: Folder
  private let recipe: String

  /// 200 pictures of 8×8 bytes, bright on the left or on the right.
  init() throws {
    folder = try Folder()
    var pixels: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 200, 0, 0, 0, 8, 0, 0, 0, 8]
    var labels: [UInt8] = [0, 0, 8, 1, 0, 0, 0, 200]
    for sample in 0..<200 {
      labels.append(UInt8(sample % 2))
      for pixel in 0..<64 {
        let noise = (sample * 7919 + pixel * 104_729) % 61
        pixels.append(UInt8(noise + ((pixel % 8 < 4) == (sample % 2 == 0) ? 150 : 0)))
      }
    }
    try Data(pixels).write(to: URL(fileURLWithPath: folder["x"]))
    try Data(labels).write(to: URL(fileURLWithPath: folder["y"]))
    recipe = try folder.write(
      "run.yaml",
      """
      data: {idx: {train: {images: x, labels: y}, test: {images: x, labels: y}}}
      augment: [{random-crop: 1}, {flip: {direction: vertical}}, rand-augment, cut-out, {mixup: {probability: 0.5}}, cutmix]
      standardise: channel
      model: [{convolution: {channels: 4, kernel: 3}}, relu, flatten, {dense: 2}]
      batch: 32
      micro-batch: 8
      epochs: 3

      """)
  }

  /// Seven steps an epoch, the last one incomplete.
  @Test func theBitsAreTheSame() throws {
    let digest = try train(recipe, ["lanes=1", "checkpoint-every=3", "keep-checkpoints=99"], in: folder["one"])
    for ranks in 2...9 {
      #expect(
        try train(recipe, ["lanes=\(1 + ranks % 2)"], in: folder["\(ranks)"], ranks: ranks) == digest, "\(ranks) ranks")
    }
    // In the middle of an epoch, and at its end.
    for last in [3, 7, 12] {
      let run = "from-\(last)"
      try folder.copy("one", to: run)
      for name in folder.names(run) where name.hasPrefix("step-") && Int(name.dropFirst(5))! > last {
        try folder.remove("\(run)/\(name)")
      }
      #expect(try train(recipe, ["lanes=2"], in: folder[run], ranks: 2, start: .resume) == digest, "after \(last)")
    }
    // They are part of the configuration: a run is only resumed as what it was.
    let other = failure { try train(recipe, ["augment=[flip]"], in: folder["from-3"], start: .resume) }
    #expect(other?.description.contains("augment") == true, "\(other as Any)")
    // What is evaluated is not augmented.
    let model = try Model(folder["one"])
    #expect(try model.evaluate(model.testData()).loss == model.record.metrics["test loss"])
    let plain = try train(recipe, ["augment=[]"], in: folder["plain"])
    #expect(plain != digest)
    #expect(try train(recipe, ["seed=2"], in: folder["seed"]) != digest)
  }

  /// Without a key they are what they were: the list is no setting of a run that has none.
  @Test func withoutAListNothingChanges() throws {
    let run = try RunConfiguration(recipeOrFile: recipe, overrides: ["augment=[]"])
    #expect(!run.identity.contains { $0.key == "augment" } && run.resolved.contains("\naugment: []\n"))
    let own = try RunConfiguration(recipeOrFile: recipe)
    #expect(own.identity.contains { $0.key == "augment" })
    let again = try configuration(own.resolved)
    #expect(again.resolved == own.resolved)
  }

  /// A receipt is computed again from the raw files.
  @Test func theReceiptHolds() throws {
    let digest = try train(recipe, in: folder["run"])
    let receipt = try Receipt(ofRun: folder["run"])
    #expect(try train(recipe, in: folder["again"], ranks: 3) == digest)
    #expect(try Receipt(ofRun: folder["again"]) == receipt)
    try train(recipe, ["augment=[flip]"], in: folder["other"])
    #expect(try Receipt(ofRun: folder["other"]) != receipt)
  }

  /// What is nothing for the data says so before training, and leaves nothing behind.
  @Test func misfitsNameTheirKey() throws {
    for (augment, expected) in [
      ("[swap]", "augment.0.swap: expected rows of a table, found pictures of 8×8×1"),
      (
        "[flip, {colour-jitter: {hue: 0.1}}]",
        "augment.1.colour-jitter: expected pictures of 3 channels, found pictures of 8×8×1"
      ),
      ("[mixup, flip]", "augment.1.flip: expected it before mixup"),
    ] {
      let failed = failure { try train(recipe, ["augment=\(augment)"], in: folder["bad"]) }
      #expect(failed?.description.contains(expected) == true, "\(failed as Any)")
      #expect(failed?.code == .badConfiguration && !folder.exists("bad"))
    }
    let words = try folder.write(
      "words.yaml",
      "data: {noise-text: {vocabulary: 9, length: 12, count: 10}}\naugment: [mixup]\nstandardise: none\n"
        + "model: [{embedding: {vocabulary: 9, width: 4}}, {dense: 9}]\n")
    let text = failure { try train(words, in: folder["bad"]) }
    #expect(text?.description.contains("expected samples of numbers, which can be mixed") == true, "\(text as Any)")
  }

  /// In a program, with kinds made of YAML, the same bits as in a file.
  @Test func inAProgram() throws {
    let own = try RunConfiguration(recipeOrFile: recipe)
    let data = try PreparedData.readTrain(own)
    func digest(_ kinds: [any Augmentation]) throws -> Digest {
      let configuration = try RunConfiguration(
        name: "program", train: data, augmentations: kinds, epochs: 1, batch: 32, microBatch: 8
      ) {
        Flatten()
        Dense(units: 2)
      }
      #expect(configuration.settings.contains { $0.path == "augment" } != kinds.isEmpty)
      let run = try TrainingRun(
        configuration, output: folder["program-\(kinds.count)"], verbosity: .silent, world: LocalWorld.single())
      _ = try run.train()
      return run.digest
    }
    let crop = try RandomCrop(yaml: "padding: 1")
    let (plain, changed) = (try digest([]), try digest([crop, try Flip()]))
    #expect(plain != changed)
    let failed = failure { _ = try RandomCrop(yaml: "pading: 1") }
    #expect(failed?.description.contains("did you mean padding?") == true, "\(failed as Any)")
  }
}
