import Foundation
import Lockstep
import Testing

@testable import Reports

/// A student's page has its teacher beside it.
@Suite struct DistillationSectionTests {
  private static let json = """
    {"data": "test", "rows": 1000, "models": [
      {"role": "student", "weights": "sha256:aa", "parameters": 25450,
       "figures": [{"name": "loss", "value": 0.4}, {"name": "accuracy", "value": 0.87}, {"name": "f1", "value": 0.5}]},
      {"role": "teacher", "path": "runs/<large>", "weights": "sha256:bb", "parameters": 1199882,
       "figures": [{"name": "loss", "value": 0.25}, {"name": "accuracy", "value": 0.91}]},
      {"role": "without a teacher", "path": "runs/alone", "weights": "sha256:cc", "parameters": 25450,
       "figures": [{"name": "loss", "value": 0.41}, {"name": "accuracy", "value": 0.865}]}]}
    """

  @Test func allAreInOneTable() throws {
    var run = RunFacts(path: "runs/a", name: "a")
    #expect(try !Report([run]).html.contains("Student and teacher"))
    run.distilled = try JSONDecoder().decode(Distilled.self, from: Data(Self.json.utf8))
    let page = try Report([run]).html
    for text in ["Student and teacher", "0.8700", "0.9100", "0.8650", "1,199,882", "without a teacher", "sha256:bb"] {
      #expect(page.contains(text), "\(text)")
    }
    // What not all of them have stands in no column, and names are text.
    #expect(!page.contains("0.5000") && !page.contains("runs/<large>") && page.contains("runs/&lt;large&gt;"))
  }
}
