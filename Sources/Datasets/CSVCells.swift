import Diagnostics
import Tables

// What a cell holds, and what to do where it is something else.
extension CSVRecords {
  /// The finite number in a cell of this record, to the nearest float and to the nearest double.
  func number(_ column: Int) throws(Failure) -> (single: Float, double: Double) {
    let number = bytes.withUnsafeBufferPointer { DecimalFloat.number($0[cells[column].range]) }
    guard let number else { throw unexpected("a number", column, cure: cureForWords(in: column)) }
    guard number.single.isFinite else {
      throw unexpected("a finite number", column, cure: "correct or delete the row")
    }
    return number
  }

  /// The class of the label in a cell of this record.
  func label(_ column: Int, _ classes: inout ClassNames) throws(Failure) -> Int32 {
    let label = text(column)
    guard !label.isEmpty else { throw unexpected("a label", column, cure: "fill it in or delete the row") }
    if let number = classes.number(of: label) { return number }
    let fault = "\(name(column)): expected one of \(classes.names.count) classes, found '\(label.prefix(40))'"
    if DecimalFloat.parse(label.utf8) != nil, namesLookLikeValues(classes.names + [label]) {
      throw failure(fault, cure: "where the target is a number to be predicted, set kind: values in data.csv")
    }
    throw failure(
      fault,
      cure: nearest(to: label, among: classes.names).map { "did you mean '\($0)'?" }
        ?? "correct the label, or add its name to the classes")
  }

  private func unexpected(_ expected: String, _ column: Int, cure: String) -> Failure {
    let found = text(column)
    return failure(
      "\(name(column)): expected \(expected), found \(found.isEmpty ? "an empty cell" : "'\(found.prefix(40))'")",
      cure: cure)
  }

  private func cureForWords(in column: Int) -> String {
    let word = text(column)
    if word.isEmpty || ["na", "n/a", "null", "none", "?", "-"].contains(word.lowercased()) {
      return "fill it in or delete the row"
    }
    if word.contains(","), word.allSatisfy({ "0123456789,.+- ".contains($0) }) {
      return "write numbers with a point, and without separators of thousands"
    }
    if columns.isEmpty, line == 1 { return "leave header: false out, where the first line names the columns" }
    guard isText(column) else { return "correct or delete the row" }
    return
      "the column holds text: leave it out of data.csv.features, the list of columns to read, or write numbers for it"
  }

  /// Whether most of the next records have no number in a column either.
  private func isText(_ column: Int) -> Bool {
    var (records, words, count) = (self, 0, 0)
    while count < 1000, (try? records.next()) == true {
      guard records.cells.indices.contains(column) else { continue }
      count += 1
      if DecimalFloat.parse(records.text(column).utf8) == nil { words += 1 }
    }
    return 2 * words > count
  }
}

/// Whether names of classes are rather numbers to be predicted: many different ones, or with fractions.
package func namesLookLikeValues(_ names: [String]) -> Bool {
  let values = names.map { DecimalFloat.number($0.utf8)?.double ?? .nan }
  return values.allSatisfy(\.isFinite) && (names.count > 100 || values.contains { $0 != $0.rounded() })
}
