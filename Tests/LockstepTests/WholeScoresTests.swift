import Diagnostics
import Foundation
import TestSupport
import Testing

@testable import Lockstep

/// Figures that look at training rows and at columns which are no features, and scores that need all rows, in runs.
@Suite struct WholeScoresTests {
  private let folder: Folder

  init() throws { folder = try Folder() }

  /// Sales of four cities, month after month, and which of twelve things somebody bought next.
  private func recipe(_ name: String, _ target: String, _ more: String) throws -> String {
    var text = "city,month,before,sales,user,item,part\n"
    for row in 0..<360 {
      let (city, month) = (row % 4, row / 4)
      func sales(_ month: Int) -> Int { 100 * (city + 1) + month * 7 % 40 + month * month % 11 }
      // Each user buys nine things of twelve, one after the other.
      let (user, time) = (row * 31 % 40, row / 40)
      let part = (time + row) % 5
      text += "city \(city),\(month),\(month < 1 ? "" : "\(sales(month - 1))"),\(sales(month)),u\(user),"
      text += "i\((user * 5 + time) % 12),\(part == 4 ? "test" : part == 3 ? "validation" : "train")\n"
    }
    try folder.write("rows.csv", text)
    return try folder.write(
      "\(name).yaml",
      """
      data:
        table:
          source: {csv: rows.csv}
          target: \(target)
          split: {fixed: {by: part}}
          keep-under: \(folder["prepared"])
          columns: [{number: month}, {category: user}]
      \(more)
      optimizer: {adam: 0.02}
      batch: 32
      micro-batch: 8
      epochs: 4

      """)
  }

  private func judged(_ name: String, ranks: Int) throws -> (target: JudgedTarget, text: String) {
    let found = try LocalWorld.run(ranks: ranks) { world in
      let model = try Model(folder[name], world: world)
      return try model.judge(model.testData(), resamples: Resamples(count: 60)).map { ($0[0], try sortedJSON($0)) }
    }
    return try #require(found[0])
  }

  @Test func forecastsAreTheBaseline() throws {
    let recipe = try recipe(
      "sales", "sales\n    kind: values",
      """
      model: [{dense: 8}, relu, {dense: 1}]
      loss: huber
      metrics: [mean-absolute-error, {mean-absolute-scaled-error: {naive: before, by: city}}]
      baseline: {last-value: before}
      """)
    let digest = try train(recipe, in: folder["run"])
    let alone = try judged("run", ranks: 1)
    for ranks in [2, 3] { #expect(try judged("run", ranks: ranks).text == alone.text) }
    #expect(alone.target.baseline == .lastValue(column: "before"))
    // By hand, of the file.
    var (errors, scales, counts) = ([(city: String, error: Double)](), [String: Double](), [String: Double]())
    for line in lines(try folder.text("rows.csv")).dropFirst() {
      let cells = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      guard let before = Double(cells[2]), let sales = Double(cells[3]) else { continue }
      if cells[6] == "test" { errors.append((cells[0], abs(before - sales))) }
      if cells[6] == "train" {
        scales[cells[0], default: 0] += abs(before - sales)
        counts[cells[0], default: 0] += 1
      }
    }
    let figures = alone.target.judgement.figures
    let error = errors.reduce(0) { $0 + $1.error } / Double(errors.count)
    let scaled = errors.reduce(0) { $0 + $1.error / (scales[$1.city]! / counts[$1.city]!) } / Double(errors.count)
    #expect(abs(try #require(figures["mean-absolute-error"]?.beside?.value) - error) < 1e-9)
    #expect(abs(try #require(figures["mean-absolute-scaled-error"]?.beside?.value) - scaled) < 1e-9)
    #expect(figures["mean-absolute-scaled-error"]?.differenceInterval?.bounds != nil)
    // The table at the end has what needs all rows, and the receipt is computed again.
    let check = try ReceiptCheck(run: folder["run"])
    #expect(try check.receipt(from: .weights, in: folder["check"]) { _ in } == check.receipt)
    // Another baseline and other metrics are other prepared data, and the same weights.
    let plain = try self.recipe(
      "plain", "sales\n    kind: values", "model: [{dense: 8}, relu, {dense: 1}]\nloss: huber")
    #expect(try train(plain, in: folder["plain"]) == digest)
    let other = try Receipt(ofRun: folder["plain"])
    #expect(check.receipt.firstDifference(from: other)?.link == "schema")
    // Compared, both stand beside the forecast, and a file without it is refused.
    let comparison = try #require(
      try ModelComparison(Model(folder["run"]), Model(folder["plain"]), resamples: Resamples(count: 40)))
    #expect(comparison.targets[0].baseline?.name == "last value")
    #expect(
      comparison.targets[0].judgement.figures["mean-absolute-scaled-error"]?.beside
        == figures["mean-absolute-scaled-error"]?.value)
    try folder.write("less.csv", "month,user,sales\n3,u1,200\n")
    let missing = failure { _ = try Model(folder["run"]).labelledData(folder["less.csv"], labels: nil) }
    #expect(missing?.description.contains("expected a column 'before'") == true, "\(missing as Any)")
    // Where a forecast is missing, the mean stands in for it, and that is told.
    var told: [String] = []
    try folder.write("holes.csv", "month,user,sales,before,city\n3,u1,200,,city 1\n4,u1,210,200,city 1\n")
    let model = try Model(folder["run"])
    let holes = try model.judge(model.labelledData(folder["holes.csv"], labels: nil)) { told.append($0) }
    #expect(holes?[0].baseline?.name == "mean" && told.count == 1 && told[0].contains("no number in 1 of 2 rows"))
  }

  @Test func rankingsTakeOutWhatTrainingRowsHave() throws {
    let recipe = try recipe(
      "items", "item",
      """
      model: [{dense: 16}, relu, {dense: 12}]
      metrics: [{ndcg: {k: 3, by: user}}, {hit-rate: {k: 1, by: user, known: kept}}, {recall-at-k: {k: 2, by: user}}]
      early-stopping: {metric: ndcg-3-by-user, patience: 2}
      """)
    let digest = try train(recipe, in: folder["run"])
    let alone = try judged("run", ranks: 1)
    for ranks in [2, 3] {
      #expect(try train(recipe, in: folder["of-\(ranks)"], ranks: ranks) == digest)
      #expect(try judged("run", ranks: ranks).text == alone.text)
      for file in ["receipt.json"] { #expect(try folder.text("of-\(ranks)/\(file)") == folder.text("run/\(file)")) }
    }
    #expect(alone.target.judgement.order.prefix(3) == ["ndcg-3-by-user", "hit-rate-1-by-user", "recall-at-2-by-user"])
    for key in alone.target.judgement.order.prefix(3) {
      #expect(alone.target.judgement.figures[key]?.interval?.bounds != nil, "\(key)")
      #expect(alone.target.judgement.figures[key]?.beside?.value != nil, "\(key)")
    }
    #expect(try folder.text("run/metrics.jsonl").contains("\"validation-ndcg-3-by-user\": "))
    let check = try ReceiptCheck(run: folder["run"])
    #expect(try check.receipt(from: .weights, in: folder["check"]) { _ in } == check.receipt)
  }

  @Test(arguments: [
    (
      "baseline: {last-value: before}",
      "baseline: expected one target of numbers, which a naive forecast is of, found classes"
    ),
    ("baseline: {last-valu: before}", "did you mean last-value?"),
    ("metrics: [{ndcg: {k: 3, known: kept}}]", "known: expected by as well"),
    ("metrics: [{ndcg: {k: 3, by: usr}}]", "expected a column 'usr'"),
    ("metrics: [{mean-absolute-scaled-error: before}]", "says nothing of them"),
    ("early-stopping: {metric: roc-ac, patience: 1}", "did you mean roc-auc?"),
  ])
  func mistakes(_ setting: String, _ message: String) throws {
    let recipe = try recipe("bad", "item", "model: [{dense: 12}]\n\(setting)")
    let found = failure { try train(recipe, in: folder["bad"]) }
    #expect(found?.description.contains(message) == true, "\(setting): \(found as Any)")
  }

  /// Data that have no columns say so.
  @Test func dataWithoutColumns() throws {
    let found = failure {
      _ = try configuration("data: two-class\nmodel: [{dense: 2}]\n", "metrics=[{ndcg: {by: user}}]")
    }
    #expect(
      found?.code == .badConfiguration && found!.description.contains("metrics: expected data that keep a column"))
  }
}
