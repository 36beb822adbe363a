import Diagnostics
import Files
import Foundation
import TestSupport
import Testing
import Writers

@testable import Lockstep

/// Predictions of files, some rows at a time.
@Suite struct PredictionTests {
  private let folder: Folder

  init() throws { folder = try Folder() }

  private func model() throws -> Model {
    try train("two-class", ["epochs=2", "data.two-class.train=256", "micro-batch=8"], in: folder["run"])
    return try Model(folder["run"])
  }

  /// How many rows are read at a time changes no bit: they are those of all rows together.
  @Test func aBatchAtATime() throws {
    let model = try model()
    let points = (0..<61).map { "\(Double($0 * 37 % 61) / 20 - 1.5),\(Double($0 * 11 % 61) / 20 - 1.5)" }
    try folder.write("new.csv", "x,y\n" + points.joined(separator: "\n") + "\n")
    let dataset = try Dataset.csv(folder["new.csv"], target: .none)
    let outputs = try model.predict(dataset)
    let expected =
      ["prediction,probability of negative,probability of positive"]
      + (0..<61).map {
        let row = outputs.view[2 * $0..<2 * $0 + 2].array
        return "\(row[1] > row[0] ? "positive" : "negative"),\(row[0]),\(row[1])"
      }
    for rows in [8, 16, 56, 64, 1 << 20] {
      #expect(try model.writePredictions(of: folder["new.csv"], to: folder["\(rows).csv"], rows: rows) == 61)
      #expect(try lines(folder.text("\(rows).csv")) == expected, "\(rows) rows")
    }
    // A mistake far down leaves no half of a file behind.
    try folder.write("bad.csv", "x,y\n" + points.joined(separator: "\n") + "\n1,x\n")
    let failure = failure { _ = try model.writePredictions(of: folder["bad.csv"], to: folder["bad-out.csv"], rows: 8) }
    #expect(failure?.description.contains("bad.csv:63: column 'y': expected a number, found 'x'") == true)
    #expect(!folder.names().contains { $0.hasPrefix("bad-out") })
  }

  @Test func whatIsWritten() throws {
    let settings = ["epochs=2", "data.two-class.train=256"]
    try folder.write("new.csv", "x,y\n2,2\n")
    for (name, output, expected) in [
      ("digits", "output.decimals=2", "prediction,probability of negative,probability of positive\npositive,0.0"),
      ("bare", "output.probabilities=false", "prediction\npositive\n"),
    ] {
      try train("two-class", settings + [output], in: folder[name])
      try Model(folder[name]).writePredictions(of: folder["new.csv"], to: folder["\(name).csv"])
      #expect(try folder.text("\(name).csv").hasPrefix(expected), "\(name)")
    }
    #expect(try lines(folder.text("digits.csv"))[1].wholeMatch(of: #/positive,0\.\d\d,[01]\.\d\d/#) != nil)
  }

  /// Two classes as the numbers 0 and 1: what is predicted is a number.
  @Test func classesAsNumbers() throws {
    let settings = ["model=[{dense: 8}, relu, {dense: 1}]", "loss=mean-squared-error", "output.probabilities=false"]
    try train("two-class", ["epochs=2", "data.two-class.train=256"] + settings, in: folder["run"])
    try folder.write("new.csv", "x,y\n2,2\n-2,-2\n")
    try Model(folder["run"]).writePredictions(of: folder["new.csv"], to: folder["out.csv"])
    let out = try lines(folder.text("out.csv"))
    #expect(out[0] == "prediction" && Double(out[1])! > 0.5 && Double(out[2])! < 0.5, "\(out)")
  }

  @Test(arguments: [("out.xlsx", ".xlsx"), ("out.d/a.orc", ".orc"), ("out.CSV.gz", ".gz")])
  func anEndingThatNoWriterHas(name: String, ending: String) {
    let failure = failure { _ = try predictionWriter(for: folder[name]) }
    #expect(failure?.code == .usage)
    #expect(
      failure?.description.contains("expected a name that ends with .csv, .jsonl, .parquet, .npy, found \(ending)")
        == true)
    let cure = ["out.xlsx": "out.csv", "out.d/a.orc": "a.csv", "out.CSV.gz": "out.CSV"][name]
    #expect(failure?.description.hasSuffix("name it \(cure ?? "")") == true)
  }

  @Test(arguments: ["out", "out.csv", "out.CSV", ".hidden", "a.b/out", "/dev/stdout"])
  func endingsThatMeanATable(name: String) throws {
    #expect(try predictionWriter(for: name) == CSVWriter.self)
  }

  /// Records of the format before have what is now in keys of its own as words of one table.
  @Test func recordsOfTheSecondFormat() throws {
    let model = try model()
    let path = "\(model.path)/run.json"
    var text = try String(contentsOfFile: path, encoding: .utf8)
    let checksum = try #require(model.record.trainingData)
    for key in ["instruction-set", "training-data", "input"] {
      text = text.replacing(try Regex("  \"\(key)\" : (\\[[^\\]]*\\]|\"[^\"]*\"),\n"), with: "")
    }
    text = text.replacing("\"format\" : 3", with: "\"format\" : 2").replacing(
      "\"programs\" : {",
      with: """
        "versions" : {
            "input" : "2",
            "instruction-set" : "\(try #require(model.record.instructionSet))",
            "training-data" : "\(checksum)",
        """)
    let zeros = String(repeating: "0", count: 64)
    text = text.replacing(#/("checksum" : "sha256:)[0-9a-f]{64}"/#) { "\($0.1)\(zeros)\"" }
    let sum = text.withUTF8 { Digest(of: UnsafeRawBufferPointer($0)) }.hex
    text = text.replacing("\"checksum\" : \"sha256:\(zeros)", with: "\"checksum\" : \"sha256:\(sum)")
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    let old = try Model(folder["run"]).record
    #expect(old.format == 2 && old.input == [2] && old.trainingData == checksum)
    #expect(old.instructionSet == model.record.instructionSet && old.programs == model.record.programs)
  }
}
