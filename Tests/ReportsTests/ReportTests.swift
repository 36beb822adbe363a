import Foundation
import Testing

import Reports

/// A page is whole and small, whatever a run has and lacks.
@Suite struct ReportTests {
  /// A run of so many classes and columns, whose names are ugly.
  private static func run(classes: Int, columns: Int, name: String = "a") -> RunFacts {
    func ugly(_ place: Int) -> String { "\(place) " + MarkupTests.uglyNames[place % MarkupTests.uglyNames.count] }
    var run = RunFacts(path: "runs/\(name)", name: name)
    let names = (0..<classes).map(ugly)
    var record = RunFacts.Record()
    (record.classes, record.epoch, record.step, record.digest) = (names, 3, 30, "sha256:0")
    run.record = record
    run.settings = [("epochs", "3"), ("data.table.target", ugly(0))] + (0..<5000).map { ("x.\($0)", ugly($0)) }
    run.configuration = String(repeating: ugly(0) + "\n", count: 20_000)
    run.notes = (0..<1000).map(ugly)
    run.history = MetricsHistory(
      text: (0..<5000).map { "{\"step\": \($0), \"epoch\": \($0), \"training-loss\": 1, \"test-<b>-\($0 % 500)\": 2}" }
        .joined(separator: "\n"))
    var data = DataFacts()
    data.columns = (0..<columns).map { place in
      var column = DataFacts.Column(name: ugly(place), kind: place % 2 == 0 ? "category" : "number")
      if place % 2 == 0 {
        column.words = (0..<100).map(ugly)
        column.shares = (0..<101).map { _ in 1.0 / 101 }
      } else {
        (column.least, column.largest, column.median) = (0, 9, 5)
        (column.bounds, column.shares) = ((0...10).map(Double.init), (0..<10).map { _ in 0.1 })
      }
      return column
    }
    data.rows = [("train", 10), ("test", 5)]
    (data.leaks, data.sources) = ((0..<1000).map(ugly), (0..<1000).map(ugly))
    data.aside = .init()
    data.aside?.incomplete = Dictionary(uniqueKeysWithValues: (0..<1000).map { (ugly($0), $0) })
    run.data = data
    var facts = ClassFacts(names: names)
    for truth in names.indices {
      for prediction in 0..<min(classes, 5) { facts.add(truth: truth, prediction: (truth + prediction) % classes) }
    }
    var measurement = Measurement(part: "test", rows: 5 * classes)
    measurement.classes = facts
    measurement.scores = [Measurement.Score("accuracy", .share(0.2, of: 5 * classes), baseline: (0.1, "always"))]
    measurement.headline = measurement.scores[0]
    run.measured = [measurement]
    return run
  }

  @Test func pagesStaySmallAndWellFormed() throws {
    let one = Self.run(classes: 1000, columns: 500)
    for (classes, columns) in [(40, 10), (10_000, 5000)] {
      let html = try Report([Self.run(classes: classes, columns: columns)]).html
      #expect(faultOf(page: html) == nil)
      #expect(html.utf8.count < Page.mostBytes, "\(html.utf8.count) bytes")
      #expect(count("script", in: html) == 0 && count("img", in: html) == 0 && count("section", in: html) >= 6)
      // Nothing is fetched.
      #expect(!html.contains("src=") || !html.contains("=\"http") || !html.contains("url("))
    }
    let runs = (0..<30).map { place in
      var run = one
      (run.name, run.path) = ("r\(place)", "runs/r\(place)")
      return run
    }
    let many = try Report(runs).html
    #expect(faultOf(page: many) == nil && many.utf8.count < Page.mostBytes && many.contains("The first 12 of 30 runs."))
  }

  @Test func whatIsLeftOutIsSaid() throws {
    let html = try Report([Self.run(classes: 10_000, columns: 5000)]).html
    for text in [
      "The first 200 columns of 5,000", "The 40 that are recognised least, of 10,000",
      "A picture of 10,000 classes could not be read", "and 990 more", "1,000 in all",
    ] { #expect(html.contains(text), "\(text)") }
  }

  @Test func aPageThatIsTooLargeSaysWhatIsLeftOut() {
    let long = Markup(escaping: String(repeating: "x", count: 4_000_000))
    let page = Page(
      title: "t", lead: "", sections: [.init("a", "A", long), .init("b", "B", long + "y"), .init("c", "C", "kept")])
    #expect(page.html.utf8.count < Page.mostBytes && page.html.contains("kept") && page.html.contains("Left out"))
  }

  /// Weights are no numbers of rows: small, broken and huge ones are told as they are.
  @Test func weightsOfRows() throws {
    for scale in [0.001, 1, 1e6, 1e300] {
      let confusion = [[2.5 * scale, 0.5 * scale], [0.25 * scale, 0.75 * scale]]
      let facts = ClassFacts(names: ["a", "b"], confusion: confusion, isWeighted: true)
      #expect(abs(facts.recall(of: 0) - 2.5 / 3) < 1e-15 && abs(facts.recall(of: 1) - 0.75) < 1e-15)
      #expect(abs(facts.precision(of: 1) - 0.6) < 1e-15 && abs(facts.f1(of: 1) - 1.5 / 2.25) < 1e-15)
      #expect(facts.mistakes.map(\.weight) == [0.5 * scale, 0.25 * scale])
      var run = Self.run(classes: 2, columns: 1)
      run.measured[0].classes = facts
      let html = try Report([run]).html
      #expect(faultOf(page: html) == nil && html.contains(">weight</th>"))
    }
  }

  @Test func aRunThatLacksEverything() throws {
    let html = try Report([RunFacts(path: "runs/none", name: "none")]).html
    #expect(faultOf(page: html) == nil && html.contains("Not known") && html.contains("none yet"))
    #expect(throws: (any Error).self) { try Report([RunFacts]()) }
  }

  @Test func theSameRunsGiveTheSameBytes() throws {
    let (first, second) = (Self.run(classes: 50, columns: 20), Self.run(classes: 50, columns: 20))
    #expect(try Report([first]).html == Report([second]).html)
  }

  @Test func linesOfALogThatAreDamagedAreCounted() {
    let history = MetricsHistory(
      text: """
        {"step": 1, "epoch": 1, "loss": 2, "learning-rate": 0.1, "samples-per-second": null}
        {"step": 1, "epoch": 1, "training-loss": 2.5, "test-loss": null, "test-x/out": 1}
        {"step": 2, "epo
        []
        {"step": "two", "epoch": 2, "training-loss": 1}
        {"step": 2, "epoch": 2, "training-loss": 1.5, "test-loss": 3}
        """)
    #expect(history.damaged == 3 && history.steps.count == 1 && history.epochs.count == 2)
    #expect(history.names == ["test-loss", "training-loss"])
    #expect(history.lowest("test-loss")?.epoch == 2 && history.lowest("training-loss")?.value == 1.5)
  }
}
