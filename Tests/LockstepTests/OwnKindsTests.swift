import Configuration
import Files
import Foundation
import TestSupport
import Testing

@testable import Lockstep

/// A loss and a writer of one's own, as the articles show them. In processes of their own, since registries are the whole
/// process's.
@Suite struct OwnKindsTests {
  @Test func aLoss() async {
    await #expect(processExitsWith: .success) {
      lossKinds.add(TiltedLoss.self)
      let folder = try Folder()
      // Of the numbers 0 to 15, whatever x is.
      let rows = (0..<256).map { "\($0 % 16),\($0 / 16)\n" }
      try folder.write("data.csv", "x,y\n" + rows.joined())
      let recipe = try folder.write(
        "run.yaml",
        """
        data: {csv: {train: data.csv, test: data.csv, target: y, kind: values}}
        model: [{dense: 1}]
        loss: {tilted: 0.75}
        optimizer: {adam: 0.2}
        batch: 64
        micro-batch: 16
        epochs: 60

        """)
      let expected = try train(recipe, in: folder["one"])
      for ranks in 2...3 { #expect(try train(recipe, in: folder["\(ranks)"], ranks: ranks) == expected) }
      let model = try Model(folder["one"])
      let predictions = try model.predict(model.testData()).view.array
      let covered = (0..<256).count { Float($0 / 16) <= predictions[$0] }
      // Between 11 and 12 lies the quantile. The steps of Adam stay about 0.2 long, so that a prediction is off by a few of
      // them at most: by less than the distance of 1 to the next number, or of 2.
      #expect((11 * 16...14 * 16).contains(covered), "\(covered) of 256 targets are below their predictions")
    }
  }

  @Test func aWriter() async {
    await #expect(processExitsWith: .success) {
      writerKinds.add(JSONLines.self)
      let folder = try Folder()
      try train("two-class", ["epochs=1"], in: folder["run"])
      try folder.write("new.csv", "x,y\n1,2\n-1,-2\n0,0\n")
      let model = try Model(folder["run"])
      #expect(try model.writePredictions(of: folder["new.csv"], to: folder["out.rows"]) == 3)
      #expect(try model.writePredictions(of: folder["new.csv"], to: folder["out.csv"]) == 3)
      let table = lines(try folder.text("out.csv")).map { $0.split(separator: ",").map(String.init) }
      let objects = lines(try folder.text("out.rows"))
      #expect(objects.count == 3)
      for (object, row) in zip(objects, table.dropFirst()) {
        let found = try #require(try JSONSerialization.jsonObject(with: Data(object.utf8)) as? [String: Any])
        #expect(found["prediction"] as? String == row[0])
        for (name, cell) in zip(table[0], row).dropFirst() {
          #expect((found[name] as? NSNumber)?.floatValue == Float(cell), "\(name)")
        }
      }
    }
  }
}

/// q·(t - x) where an output x is below its target t, (1 - q)·(x - t) where it is above: Koenker and Bassett, *Regression
/// quantiles* (Econometrica, 1978).
struct TiltedLoss: Loss {
  static let kind = "tilted"
  static let summary = "q·(t - y) below the target, (1 - q)·(y - t) above it"
  let q: Float

  init(_ settings: ConfigReader) throws { q = Float(try settings.double("q", default: 0.5, in: 0...1)) }

  var meaning: OutputMeaning { .values }

  func sum(_ outputs: FloatView, _ targets: Targets, rows: Int, valid: Int, gradient: FloatView?) -> Double {
    let (t, width) = (values(targets), outputs.count / rows)
    var sum = 0.0
    gradient?.clear()
    for i in 0..<valid * width {
      let e = t[i] - outputs[i]
      sum += Double(max(q * e, (q - 1) * e)) / Double(width)
      gradient?[i] = (e > 0 ? -q : e < 0 ? 1 - q : 0) / Float(width)
    }
    return sum
  }
}

/// A JSON object a line: the predicted class, where one is, and the numbers.
struct JSONLines: PredictionWriter {
  static let kind = "rows"
  static let summary = "a JSON object a line"
  let names, classes: [String]
  let file: OutputFile

  init(_ form: PredictionForm, into file: OutputFile) throws {
    func quoted(_ text: String) throws -> String { String(decoding: try JSONEncoder().encode(text), as: UTF8.self) }
    (names, classes) = (try form.numbers.map(quoted), try (form.classes ?? []).map(quoted))
    self.file = file
  }

  func write(_ predictions: Predictions) throws {
    for sample in 0..<predictions.count {
      var fields = predictions.classes.isEmpty ? [] : ["\"prediction\": \(classes[predictions.classes[sample]])"]
      for (place, name) in names.enumerated() {
        fields.append("\(name): \(predictions.numbers[sample * names.count + place])")
      }
      try file.write("{\(fields.joined(separator: ", "))}\n")
    }
  }
}
