import Diagnostics
import Foundation
import Lockstep
import TestSupport
import Testing

@testable import Benchmarks

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// The table, JSON, CSV and the plot, on numbers that are known.
@Suite struct WriterTests {
  @Test func medianAndRange() {
    #expect(Spread([3, 1, 2]) == Spread([1, 2, 3]))
    let odd = Spread([5, 1, 2])
    #expect((odd.median, odd.min, odd.max) == (2, 1, 5))
    #expect(Spread([1, 2, 3, 10]).median == 2.5)
    #expect(Spread([7]).median == 7)
  }

  /// Round by round: the rounds of a drifting machine differ more than the ratios inside of them.
  @Test func efficiencyIsTheMedianOfTheRatios() {
    let found = CaseResult.efficiency([1800, 3000, 2550], of: 2, against: [1000, 2000, 1500], of: 1)
    #expect((found.median, found.min, found.max) == (0.85, 0.75, 0.9))
  }

  @Test func theTable() {
    let lines = table(of: sampleResults()).split(separator: "\n").map {
      $0.split(separator: /\ {2,}/).map(String.init)
    }
    #expect(lines.count == 3)
    #expect(lines[0].prefix(5) == ["model", "ranks×lanes", "reduction", "batch", "a second"])
    #expect(
      lines[1] == [
        "mlp", "1×1", "canonical", "128/64", "1,500 samples", "1,000…2,000", "38 %", "60 %", "0 %", "20 %", "12 %",
        "8 %", "0",
        "0", "0", "0.0", "116.0 MB", "0.50 s",
      ])
    #expect(
      lines[2] == [
        "mlp", "2×1", "canonical", "256/64", "2,550 samples", "1,800…3,000", "85 %", "64 %", "60 %", "0 %", "20 %",
        "12 %",
        "8 %", "2.7 MB", "6", "0", "0.0", "116.0 MB", "0.50 s",
      ])
  }

  /// A case in bfloat16 is told from one in single precision, in each form.
  @Test func precision() throws {
    var cases = [BenchmarkCase]()
    for settings in [[], ["precision=bfloat16"]] {
      cases += try BenchmarkCase.all(
        models: ["mlp"], ranks: [1], lanes: [1], reductions: [.canonical], settings: settings)
    }
    #expect(
      cases.map(\.description) == ["mlp, 1 rank × 1 lane, canonical", "mlp bfloat16, 1 rank × 1 lane, canonical"])
    let results = cases.map { CaseResult($0, rounds: sampleResults()[0].rounds, firstStepSeconds: [1]) }
    let lines = table(of: results).split(separator: "\n")
    #expect(lines[1].hasPrefix("mlp           1×1  ") && lines[2].hasPrefix("mlp bfloat16  1×1  "), "\(lines)")
    let objects = try #require(
      JSONSerialization.jsonObject(with: Data(jsonText(results.map(\.record)).utf8)) as? [[String: Any]])
    #expect(objects.map { $0["precision"] as? String } == ["float32", "bfloat16"])
    #expect(objects.map { $0["model"] as? String } == ["mlp", "mlp"])
  }

  /// Numbers end together, so that they can be compared by eye.
  @Test func columnsAreAligned() {
    #expect(textTable([["a", "bb"], ["ccc", "1"]], leading: 1) == "a    bb\nccc   1\n")
    #expect(textTable([["a", "b"], ["x", ""]], leading: 2) == "a  b\nx\n")
  }

  @Test func json() throws {
    let text = jsonText(sampleResults().map(\.record))
    let objects = try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]])
    #expect(objects.count == 2)
    for key in [
      "model", "ranks", "lanes", "reduction", "microbatch", "samples_per_second", "samples_per_second_min",
      "samples_per_second_max", "flop_share", "step_seconds", "communication_seconds", "waiting_seconds",
      "peak_memory_bytes", "allocations_per_step", "bytes_per_step", "messages_per_step",
    ] { #expect(objects.allSatisfy { $0[key] != nil }, "\(key)") }
    let second = objects[1]
    #expect(second["samples_per_second"] as? Double == 2550)
    #expect(second["samples_per_second_min"] as? Double == 1800)
    #expect(second["flop_share"] as? Double == 0.6375)
    #expect(second["ranks"] as? Int == 2)
    #expect(second["bytes_per_step"] as? Double == 2_678_824)
    #expect(second["host"] as? String == "node\"01\"")
    #expect(objects[0]["efficiency"] is NSNull)
    #expect(jsonText([]) == "[]\n")
    #expect(jsonText([[("a", .number(.nan)), ("b", .text("\n"))]]) == "[\n  {\"a\": null, \"b\": \"\\n\"}\n]\n")
  }

  @Test func csv() {
    let lines = csvText(sampleResults().map(\.record)).split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count == 4 && lines[3] == "")
    #expect(lines[0].hasPrefix("model,ranks,lanes,reduction,batch,microbatch,"))
    #expect(lines[2].hasPrefix("mlp,2,1,canonical,256,64,,weak,3,samples,2550.0,1800.0,3000.0,0.85,0.75,0.9,0.6375,"))
    #expect(lines[1].contains(",1500.0,1000.0,2000.0,,,,"), "no efficiency without a smaller case")
    #expect(lines[1].contains(",\"node\"\"01\"\"\","))
    #expect(csvText([]) == "")
  }

  /// An image that a parser of XML takes, with a point where it belongs.
  @Test func svg() throws {
    let text = scalingPlot(of: sampleResults())
    let parser = XMLParser(data: Data(text.utf8))
    let elements = Elements()
    parser.delegate = elements
    #expect(parser.parse(), "\(String(describing: parser.parserError))")
    #expect(elements.names.first == "svg")
    #expect(elements.names.count { $0 == "circle" } == 2)
    #expect(elements.names.count { $0 == "polyline" } == 2)
    // Two cores lie at the right end, x = 560; a speed-up of 1.7 at 1.7 / 2 of the height from 380 up to 50.
    #expect(elements.circles.contains("560.0 99.5"))
    #expect(elements.circles.contains("315.0 215.0"))
    #expect(text.contains(">mlp, canonical</text>") && text.contains(">ideal</text>"))
  }

  /// 1 MB in a millisecond on four ranks: each moves 2 · 3/4 of it.
  @Test func bandwidths() {
    let result = AllreduceResult(ranks: 4, method: .native, bytes: 1_000_000, seconds: Spread([1e-3, 2e-3, 0.5e-3]))
    #expect(result.algorithmBandwidth == Spread(median: 1e9, min: 0.5e9, max: 2e9))
    #expect(result.busBandwidth == 1.5e9)
    let lines = table(of: [result]).split(separator: "\n")
    #expect(lines.count == 2 && lines[1].hasSuffix("1.00   1.50       0.50…2.00"), "\(lines)")
  }

  @Test func stepsOfAnAxis() {
    #expect([1, 2, 3.5, 7, 64, 900].map(LinePlot.niceStep) == [0.2, 0.5, 1, 2, 20, 200])
  }

  @Test func bytes() {
    let texts = [0, 512, 1000, 1536, 2_678_824, 999_960, 67_108_864, 3e9].map(byteText)
    #expect(texts == ["0", "512 B", "1.0 kB", "1.5 kB", "2.7 MB", "1.0 MB", "67.1 MB", "3.0 GB"])
  }

  @Test func filesAreWritten() throws {
    let folder = try Folder()
    let files = BenchmarkFiles(json: folder["a.json"], csv: folder["a.csv"], svg: folder["a.svg"])
    try files.check()
    try files.write(sampleResults())
    #expect(folder.names() == ["a.csv", "a.json", "a.svg"])
    #expect(try folder.text("a.json") == jsonText(sampleResults().map(\.record)))
  }

  /// Before minutes are spent on measuring.
  @Test func filesThatCannotBeWrittenAreRefused() throws {
    let folder = try Folder()
    for path in [folder["nowhere/a.json"], folder.path] {
      let failure = #expect(throws: Failure.self) { try BenchmarkFiles(json: path).check() }
      #expect(failure?.code == .inputOutput && failure?.description.hasPrefix(path) == true)
    }
  }
}

/// The names of the elements that a parser meets, and where circles are.
private final class Elements: NSObject, XMLParserDelegate {
  var names: [String] = []
  var circles: [String] = []

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) {
    names.append(name)
    if name == "circle" { circles.append("\(attributes["cx"]!) \(attributes["cy"]!)") }
  }
}
