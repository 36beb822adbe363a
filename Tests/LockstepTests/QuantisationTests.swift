import Diagnostics
import Foundation
import TestSupport
import Testing

@testable import Lockstep

/// Models of whole numbers of 8 bits: chosen, kept, used.
@Suite struct QuantisationTests {
  private let folder: Folder

  init() throws { folder = try Folder() }

  private func model(_ settings: [String] = []) throws -> Model {
    try train("two-class", ["epochs=4", "data.two-class.train=512", "micro-batch=8"] + settings, in: folder["run"])
    return try Model(folder["run"])
  }

  private func integers() throws -> Model { try Model(folder["run"], decision: .used, arithmetic: .integers) }

  @Test func isKeptBesideTheWeightsAndUsed() throws {
    let model = try model()
    let found = try model.quantise(rows: 100)
    #expect(found.rows == 100 && found.weights == model.record.digest && found.share == 1)
    #expect(found.scales.count == model.plan.layout.slots.count { $0.name.hasSuffix("weight") })
    let comparison = try #require(found.comparison)
    #expect(comparison.figures.map(\.name).prefix(2) == ["loss", "accuracy"])
    let figures = Dictionary(uniqueKeysWithValues: comparison.figures.map { ($0.name, $0) })
    let accuracy = try #require(figures["accuracy"])
    #expect(accuracy.floats > 0.9 && abs(accuracy.floats - accuracy.bytes) < 0.02)
    #expect(figures["loss"]!.floats != figures["loss"]!.bytes, "nothing was rounded")

    let rounded = try integers()
    #expect(rounded.quantisation == found)
    let test = try rounded.testData()
    #expect(try rounded.evaluate(test).loss == figures["loss"]!.bytes)
    #expect(try model.evaluate(test).loss == figures["loss"]!.floats)
    // The same rows give the same scales.
    #expect(try model.quantise(rows: 100).digest == found.digest)
    #expect(try model.quantise(rows: 30).digest != found.digest)
  }

  /// Predictions of so many rows at a time have the bits of all together, on every number of ranks: they are rows of their own.
  @Test func predictionsAreTheSameByRows() throws {
    _ = try model().quantise()
    let points = (0..<61).map { "\(Double($0 * 37 % 61) / 20 - 1.5),\(Double($0 * 11 % 61) / 20 - 1.5)" }
    try folder.write("new.csv", "x,y\n" + points.joined(separator: "\n") + "\n")
    let rounded = try integers()
    for rows in [8, 16, 1 << 20] {
      #expect(try rounded.writePredictions(of: folder["new.csv"], to: folder["\(rows).csv"], rows: rows) == 61)
    }
    let text = try folder.text("8.csv")
    #expect(try folder.text("16.csv") == text && folder.text("\(1 << 20).csv") == text)
    try Model(folder["run"]).writePredictions(of: folder["new.csv"], to: folder["floats.csv"])
    #expect(try folder.text("floats.csv") != text)
  }

  @Test func whatIsNotThereOrNotItsOwnIsTold() throws {
    let model = try model()
    let path = "\(model.path)/quantisation.json"
    #expect(failure { _ = try integers() }?.code == .missingInput)
    #expect(failure { _ = try integers() }?.description.contains("lockstep quantise") == true)
    _ = try model.quantise()
    let whole = try String(contentsOfFile: path, encoding: .utf8)
    for text in ["", "{}", whole.replacing("\"step\" : ", with: "\"step\" : -"), String(whole.dropLast(9))] {
      try text.write(toFile: path, atomically: true, encoding: .utf8)
      #expect(failure { _ = try integers() }?.code == .badData)
    }
    let other = whole.replacing(model.record.digest, with: "sha256:" + String(repeating: "0", count: 64))
    try other.write(toFile: path, atomically: true, encoding: .utf8)
    #expect(failure { _ = try integers() }?.description.contains("expected the weights sha256:0000") == true)
    let place = whole.replacing("\"0\" : {", with: "\"9\" : {")
    try place.write(toFile: path, atomically: true, encoding: .utf8)
    #expect(failure { _ = try integers() }?.description.contains("model.9") == true)
  }

  @Test func exportsWholeNumbers() throws {
    _ = try model(["model=[{dense: 64}, relu, {dense: 64}, relu, {dense: 2}]"]).quantise()
    try Model(folder["run"]).exportONNX(to: folder["floats.onnx"])
    let rounded = try integers()
    try rounded.exportONNX(to: folder["bytes.onnx"])
    func size(_ name: String) throws -> Int { try Data(contentsOf: URL(fileURLWithPath: folder[name])).count }
    #expect(try size("bytes.onnx") * 2 < size("floats.onnx"))
    #expect(failure { _ = try rounded.exportPyTorch(to: folder["torch"]) }?.code == .usage)
  }
}
