import Diagnostics
import Foundation

extension ClassCounts {
  /// A table of the scores of the classes that are present, and their averages, as scikit-learn's `classification_report`
  /// prints it.
  ///
  /// ```
  ///               precision    recall  f1-score   support
  ///
  ///     negative       0.97      0.96      0.97       512
  ///     positive       0.96      0.97      0.97       512
  ///
  ///     accuracy                           0.97      1024
  ///    macro avg       0.97      0.97      0.97      1024
  /// weighted avg       0.97      0.97      0.97      1024
  /// ```
  ///
  /// One name a class; `digits` after the point. Ends with a line break.
  public func report(names: [String], digits: Int = 2) -> String {
    precondition(names.count == classes, "expected \(classes) names, found \(names.count)")
    // They come from a file.
    let names = names.map { $0.shown() }
    let present = present
    let width = (present.map { names[$0] } + ["weighted avg"]).map(\.count).max() ?? 0
    func line(_ name: String, _ cells: [String]) -> String {
      name.indented(to: width) + " " + cells.map { " " + $0.indented(to: 9) }.joined() + "\n"
    }
    func row(_ name: String, _ scores: ClassScores) -> String {
      line(name, [scores.precision, scores.recall, scores.f1].map { fixed($0, digits) } + [String(scores.support)])
    }
    var report = line("", ["precision", "recall", "f1-score", "support"]) + "\n"
    for number in present { report += row(names[number], scores(of: number)) }
    report += "\n" + line("accuracy", ["", "", fixed(accuracy, digits), String(total)])
    report += row("macro avg", macroAverage) + row("weighted avg", weightedAverage)
    return report
  }
}
