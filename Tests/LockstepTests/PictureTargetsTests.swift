import TestSupport
import Testing

@testable import Lockstep

/// Pictures as targets, of the IDX format: numbers a pixel, and zeros and ones a pixel.
@Suite struct PictureTargetsTests {
  let folder: Folder

  /// 80 pictures of 4×6 bytes, what is brighter than 100 of each as 0 and 1, and each three times as dark.
  init() throws {
    folder = try Folder()
    let pixels = (0..<1920).map { (place: Int) -> UInt8 in UInt8(place * 89 % 251) }
    try folder.write("images", idx([80, 4, 6], pixels))
    try folder.write("masks", idx([80, 4, 6], pixels.map { $0 > 100 ? 1 : 0 }))
    try folder.write("masks255", idx([80, 4, 6], pixels.map { $0 > 100 ? 255 : 0 }))
    try folder.write("dark", idx([80, 4, 6], pixels.map { $0 / 3 }))
    try folder.write("few", idx([79, 4, 6], Array(repeating: 0, count: 79 * 24)))
    try folder.write("small", idx([80, 3, 6], Array(repeating: 0, count: 80 * 18)))
    try folder.write("rows", idx([80, 3], Array(repeating: 1, count: 240)))
    try folder.write("labels", idx([80], Array(repeating: 1, count: 80)))
  }

  private func yaml(_ targets: String, _ model: String, _ loss: String, more: String = "") -> String {
    let files = "{images: \(folder["images"]), targets: \(folder[targets])}"
    return """
      data: {idx: {train: \(files), test: \(files), kind: values\(more)}}
      standardise: channel
      model: \(model)
      loss: \(loss)
      optimizer: {adam: 0.05}
      epochs: 30
      batch: 16
      micro-batch: 4

      """
  }

  @Test(arguments: ["[convolution: {channels: 1, kernel: 1}]", "[flatten, dense: 24]"])
  func regression(model: String) throws {
    let file = try folder.write("run.yaml", yaml("dark", model, "mean-squared-error", more: ", divisor: 85"))
    let digest = try train(file, in: folder["run"])
    for ranks in [2, 3] { #expect(try train(file, ["lanes=2"], in: folder["run\(ranks)"], ranks: ranks) == digest) }
    let metrics = try metrics(of: folder["run"])
    #expect(metrics["test r squared"]! > 0.95)
    // All pixels are taken together, and the loss is the mean over them.
    #expect(abs(metrics["test mean squared error"]! - metrics["test loss"]!) < 1e-6)
    #expect(!metrics.keys.contains { $0.contains(" of ") })

    let loaded = try Model(folder["run"])
    let labelled = try loaded.labelledData(folder["images"], labels: folder["dark"])
    #expect((labelled.targetShape, labelled.count) == ([4, 6, 1], 80))
    let evaluation = try loaded.evaluate(labelled)
    for (name, value) in evaluation.metrics { #expect(value == metrics["test \(name)"], "\(name)") }
    #expect(evaluation.report(digits: 4) == nil)
    try loaded.writePredictions(of: folder["images"], to: folder["out.csv"])
    let out = lines(try folder.text("out.csv"))
    #expect(out.count == 81 && out[0].hasPrefix("prediction 0,prediction 1,") && out[0].hasSuffix(",prediction 23"))
    // The seventh byte is 6 · 89 mod 251 = 32: ten parts of 85, in the second row of the first picture.
    let seventh = try #require(Double(out[1].split(separator: ",")[6]))
    let expected: Double = 10 / 85
    #expect(abs(seventh - expected) < 0.1, "\(out[1])")
  }

  @Test(arguments: [("masks", ""), ("masks255", ", divisor: 255")])
  func segmentation(targets: String, more: String) throws {
    let model = "[convolution: {channels: 4, kernel: 3, padding: 1}, relu, convolution: {channels: 1, kernel: 1}]"
    let file = try folder.write("run.yaml", yaml(targets, model, "binary-cross-entropy", more: more))
    let digest = try train(file, in: folder["run"])
    #expect(try train(file, in: folder["two"], ranks: 2) == digest)
    let metrics = try metrics(of: folder["run"])
    #expect(metrics["test accuracy"]! > 0.9 && metrics["test f1"]! > 0.9, "\(metrics)")
    let loaded = try Model(folder["run"])
    // Pixels of two classes, each counted once.
    let report = try #require(try loaded.evaluate(loaded.testData()).report(digits: 4))
    let accuracy = try #require(report.split(separator: "\n").first { $0.contains("accuracy") })
    #expect(report.contains(" 0 ") && report.contains(" 1 ") && accuracy.hasSuffix(" \(80 * 24)"), "\(report)")
    try loaded.writePredictions(of: folder["images"], to: folder["out.csv"])
    #expect(lines(try folder.text("out.csv"))[0].hasPrefix("probability 0,probability 1,"))
  }

  /// A row of numbers a picture, and one number.
  @Test(arguments: [("rows", "[flatten, dense: 3]", 3), ("labels", "[flatten, dense: 1]", 1)])
  func numbers(targets: String, model: String, width: Int) throws {
    let file = try folder.write("run.yaml", yaml(targets, model, "mean-squared-error"))
    try train(file, ["epochs=1"], in: folder["run"])
    let metrics = try metrics(of: folder["run"])
    #expect(metrics.keys.filter { $0.hasPrefix("test r squared of ") }.count == (width == 1 ? 0 : 3))
  }

  @Test(arguments: [
    ("few", "[flatten, dense: 24]", "few: expected 80 targets, as many as images in F/images, found 79; name"),
    ("none", "[flatten, dense: 24]", "none: open: No such file or directory"),
    (
      "small", "[convolution: {channels: 1, kernel: 1}]",
      "images: targets of 3×6×1 a sample, but the model gives 4×6×1; end the model with a layer that gives 3×6×1, or a"
    ),
    ("dark", "[convolution: {channels: 2, kernel: 1}]", "targets of 4×6×1 a sample, but the model gives 4×6×2; end"),
    ("dark", "[flatten, dense: 23]", "targets of 4×6×1 a sample, but the model gives 23; end the model with a layer"),
    ("rows", "[flatten, dense: 2]", "3 targets a sample, but the model has 2 outputs; give the last dense layer 3"),
    ("rows", "[convolution: {channels: 3, kernel: 1}]", "the model gives 4×6×3 a sample, where a row is expected"),
  ])
  func isRefused(targets: String, model: String, message: String) throws {
    let found = failure {
      _ = try PreparedData(configuration(yaml(targets, model, "mean-squared-error")))
    }
    let message = message.replacing("F/", with: "\(folder.path)/")
    #expect(found?.description.contains(message) == true, "\(found?.description ?? "no failure")")
  }

  @Test(arguments: [
    (
      "labels: F/masks}, kind: values", "expected targets, as kind is values, found labels; name the file under targets"
    ),
    ("targets: F/masks}", "expected labels, as kind is classes, found targets; set kind: values for targets that are"),
    ("targets: F/masks}, kind: values, classes: [a, b]", "data.idx.classes: unknown key"),
    ("targets: F/masks}, kind: values, divisor: 0", "data.idx.divisor: expected a number from "),
    ("labels: F/masks}", "masks: expected labels of rank 1, found rank 3"),
    ("targets: F/masks255}, kind: values", "found 255.0 for sample 0; code the targets as 0 and 1, or set a divisor"),
  ])
  func settingsAreRefused(settings: String, message: String) throws {
    let settings = settings.replacing("F/", with: "\(folder.path)/")
    let found = failure {
      _ = try PreparedData(
        configuration(
          "data: {idx: {train: {images: \(folder["images"]), \(settings)}}\nmodel: [flatten, dense: 24]\n",
          "loss=binary-cross-entropy"))
    }
    #expect(found?.description.contains(message) == true, "\(found?.description ?? "no failure")")
  }
}
