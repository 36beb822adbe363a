import Configuration
import Diagnostics
import Losses
import Preparation
import Tensors
import Testing

@testable import Exports

/// What columns become, and what the graph gives out. That onnxruntime's features have Lockstep's bits is held by
/// `scripts/check-onnx`.
@Suite struct ONNXColumnTests {
  private static func settings(_ columns: String) throws -> TableSettings {
    let yaml = "source: {csv: {files: t.csv}}\ntarget: y\ncolumns: [\(columns)]"
    return try TableSettings(ConfigReader(yaml: yaml, file: "table.yaml"))
  }

  private static func fitted(_ columns: String) throws -> FittedTable {
    try FittedTable(json: #"{"format": 1, "targets": ["y"], "classes": ["a", "b"], "columns": [\#(columns)]}"#)
  }

  private static let age =
    #"{"name": "Age", "kind": "number", "fitted": {"words": {}, "numbers": {"offset": [40], "scale": [0.1], "missing": [39], "#
    + #""indicator": [1]}}}"#

  @Test func aNumberIsFilledInScaledAndRounded() throws {
    let graph = ONNXGraph()
    _ = try graph.append(Self.fitted(Self.age), Self.settings("number: Age"))
    #expect(graph.proto.input.map(\.name) == ["Age"])
    #expect(graph.proto.input[0].type.tensorType.elemType == 11)
    let operators = graph.proto.node.map(\.opType)
    #expect(operators == ["Unsqueeze", "IsNaN", "Where", "Sub", "Mul", "Cast", "Cast", "Concat", "Concat"])
    #expect(graph.proto.node.last?.output == ["features"])
  }

  @Test func wordsAndMissingOnesArePlaces() throws {
    let job =
      #"{"name": "Job", "kind": "category", "fitted": {"words": {"words": ["NA", "cook", "smith"]}, "numbers": {"missing": [1]}}}"#
    let graph = ONNXGraph()
    _ = try graph.append(Self.fitted(job), Self.settings("category: Job"))
    let encoder = try #require(graph.proto.node.first { $0.opType == "LabelEncoder" })
    let attributes = Dictionary(uniqueKeysWithValues: encoder.attribute.map { ($0.name, $0) })
    let keys = attributes["keys_strings"]!.strings.map { String(decoding: $0, as: UTF8.self) }
    // What stands for a missing value is no word, and each stands once.
    #expect(keys.suffix(2) == ["cook", "smith"] && Set(keys).count == keys.count && keys.contains("NA"))
    #expect(attributes["values_int64s"]!.ints.suffix(2) == [1, 2] && attributes["values_int64s"]!.ints.first == 3)
    #expect(attributes["default_int64"]!.i == 4 && graph.domains.contains(.learning))
  }

  @Test func whatHasNoFormIsNamed() throws {
    let hashed = #"{"name": "Word", "kind": "hashed", "fitted": {"words": {}, "numbers": {}}}"#
    let failure = try #require(throws: Failure.self) {
      _ = try ONNXGraph().append(Self.fitted(hashed), Self.settings("hashed: Word"))
    }
    #expect(failure.code == .unavailable && failure.description.hasPrefix("column 'Word': expected a kind"))
  }

  /// Letters that a reader's tables may lack are named, and those that all know are not.
  @Test func youngLettersAreTold() throws {
    func notes(_ terms: String) throws -> [String] {
      let text = #"{"name": "Text", "kind": "text", "fitted": {"words": {"terms": [\#(terms)]}, "numbers": {}}}"#
      let graph = ONNXGraph()
      _ = try graph.append(Self.fitted(text), Self.settings("text: {columns: Text, weights: counts}"))
      return graph.notes
    }
    #expect(try notes(#""οδοσ", "izmir", "e\u0301""#) == [])
    let told = "column 'Text': characters younger than Unicode 14 (U+10D70 U+1E030) may make other terms elsewhere"
    #expect(try notes("\"\u{1E030}a\", \"\u{10D70}\", \"b\u{10D70}\"") == [told])
  }

  @Test func predictionsHaveNames() throws {
    let graph = ONNXGraph()
    let x = try graph.input("x", .float32, [3])
    let names = ["probability of a", "probability of b", "probability of c"]
    let head = PredictionHead([
      .init(0..<3, CrossEntropyLoss(), classes: ["a", "b", "c"], name: "prediction", names: names)
    ])
    try graph.append(head, to: x, of: [3])
    #expect(graph.proto.output.map(\.name) == ["prediction"] + names && head.outputs == ["prediction"] + names)
    #expect(graph.proto.output.map(\.type.tensorType.elemType) == [8, 1, 1, 1])
  }

  @Test func probabilitiesAreCalibratedBeforeAThresholdChooses() throws {
    let curve = PredictionCurve(xs: [0.2, 0.4, 0.9], ys: [0.1, 0.1, 0.8])
    let calibrations: [PredictionCalibration] = [
      .temperature(1.5), .isotonic([curve], positive: 1), .isotonic([curve, curve], positive: nil),
    ]
    for calibration in calibrations {
      for (count, loss) in [(1, BinaryCrossEntropyLoss() as any Loss), (2, CrossEntropyLoss())] {
        let graph = ONNXGraph()
        let x = try graph.input("x", .float32, [count])
        let part = PredictionHead.Part(
          0..<count, loss, classes: ["a", "b"], name: "prediction", names: ["p", "q"].suffix(count),
          calibration: calibration, threshold: PredictionThreshold(place: 0, least: 0.3))
        try graph.append(PredictionHead([part]), to: x, of: [count])
        let operators = graph.proto.node.map(\.opType)
        let (reached, chosen) = (operators.lastIndex(of: "GreaterOrEqual")!, operators.lastIndex(of: "Where")!)
        #expect(reached < chosen && operators.contains(calibration == .temperature(1.5) ? "Log" : "Gather"))
        #expect(!operators.contains("ArgMax"))
      }
    }
  }

  @Test func aColumnCalledAsAnOutputIsRefused() throws {
    let graph = ONNXGraph()
    let x = try graph.input("prediction", .float32, [1])
    let head = PredictionHead([.init(0..<1, MeanSquaredErrorLoss(), classes: nil, name: "", names: ["prediction"])])
    let failure = try #require(throws: Failure.self) { try graph.append(head, to: x, of: [1]) }
    #expect(failure.description.contains("'prediction'") && failure.description.contains("rename"))
  }
}
