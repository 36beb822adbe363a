import Foundation
import TestSupport
import Testing

@testable import Preparation

/// What makes a model look better than it is.
@Suite struct LeakTests {
  private let folder: Folder
  init() throws { folder = try Folder() }

  @Test func aColumnThatTellsAnyTargetIsTold() throws {
    let csv =
      "x,word,noise,grade,amount\n"
      + (0..<400).map { row in
        let x = row * 37 % 101
        return "\(x),\(["p", "q", "r"][row % 3]),\(row * 7919 % 1009),\(row % 3 == 1 ? "late" : "paid"),\(3 * x + 5)\n"
      }.joined()
    func leaks(_ target: String, _ kind: String) throws -> [String] {
      try People.prepared(
        csv, in: Folder(), "kind: \(kind)", target: target, columns: "columns: [{number: [x, noise]}, {category: word}]"
      ).summary.leaks.map { String($0.prefix { $0 != ":" }) }
    }
    let told = [
      "column 'x' alone tells the variance of 'amount' of 100.0 % of training rows",
      "column 'word' alone tells the class of 'grade' of 100.0 % of training rows",
    ]
    #expect(try leaks("[grade, amount]", "[classes, values]") == told)
    #expect(try leaks("[amount, grade]", "[values, classes]") == told)
    #expect(try leaks("amount", "values") == ["column 'x' alone tells the variance of 100.0 % of training rows"])
    // What is predicted is no feature, whichever target it is.
    for column in ["number: amount", "category: grade"] {
      let found = message {
        _ = try People.prepared(
          csv, in: folder, "kind: [classes, values]", target: "[grade, amount]",
          columns: "columns: [{number: x}, {\(column)}]")
      }
      #expect(
        found.contains("expected columns to predict from, found \(column.split(separator: " ").last!)"), "\(found)")
    }
  }
}
