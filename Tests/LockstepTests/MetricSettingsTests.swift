import Diagnostics
import TestSupport
import Testing

@testable import Lockstep

/// `metrics: [...]` in a configuration.
@Suite struct MetricSettingsTests {
  @Test func chosenScoresAreMeasuredAndKept() throws {
    let folder = try Folder()
    try train("two-class", ["metrics=[f1, confusion-matrix]", "epochs=1"], in: folder["run"])
    let model = try Model(folder["run"])
    #expect(model.record.metrics.keys.sorted() == ["test f1", "test loss"])
    let evaluation = try model.evaluate(model.testData())
    #expect(evaluation.headline.name == "f1")
    #expect(evaluation.report(digits: 2)?.contains("true \\ predicted  negative  positive\n") == true)
    #expect(try folder.text("run/metrics.jsonl").contains("\"test-f1\": "))
  }

  @Test(arguments: [
    ("metrics=[perplexity]", "metrics: expected scores of classes, found perplexity, which says nothing of them; take"),
    ("metrics=[f1, f1]", "metrics: expected scores of distinct names, found f1 twice; name it once"),
    ("metrics=[acuracy]", "did you mean accuracy?"),
  ])
  func mistakes(setting: String, message: String) throws {
    let found = failure { _ = try PreparedData(configuration("data: two-class\nmodel: [{dense: 2}]\n", setting)) }
    #expect(found?.code == .badConfiguration && found?.description.contains(message) == true, "\(found as Any)")
  }
}
