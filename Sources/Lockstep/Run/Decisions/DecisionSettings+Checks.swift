import Datasets
import Diagnostics
import Judging
import Losses

/// What a decision has to find in a model and its data: looked at before anything is trained, and again before it is fitted.
extension DecisionSettings {
  private func unfit(_ place: String, _ fault: String, _ cure: String) -> Failure {
    Failure(self.place.code, at: place, fault, cure: cure)
  }

  /// Throws where a decision could not be fitted to what a run has, as far as its data tell.
  func requireFit(to loss: any Loss, columns: Int, train: Dataset, validation: Dataset?) throws {
    let target = try target(loss, train, columns: columns)
    guard let validation, let names = target.classes else {
      throw Failure(
        .badConfiguration, at: place.whole, "expected validation rows to fit a decision on, found none",
        cure:
          "give the split a validation share: split: {stratified: {test: 0.2, validation: 0.1}}, or leave decide out"
      )
    }
    let positive = positive(of: names, train.baseline(of: target))
    try require(validation.counts(of: target, names: names, weighing: true), of: names, positive: positive)
  }

  /// The one target of classes that samples have. Throws where there is none, or a class that was named is none of them.
  func target(_ loss: any Loss, _ dataset: Dataset, columns: Int) throws -> JudgedData.Target {
    guard threshold != nil || calibration != nil else {
      throw unfit(
        place.whole, "expected a threshold or a calibration to be fitted, found neither", "leave decide out")
    }
    let targets = dataset.isText ? [] : JudgedData.targets(loss, dataset, columns)
    guard loss.parts.isEmpty, targets.count == 1, let target = targets.first, let names = target.classes else {
      let found =
        targets.isEmpty ? "another one" : targets.count > 1 ? "\(targets.count) targets" : "numbers as targets"
      throw unfit(
        place.whole, "expected a model of one target of classes, found \(found)",
        place.code == .usage ? "take it as it is: it has no threshold" : "leave decide out")
    }
    guard threshold == nil || names.count == 2 else {
      throw unfit(
        place.threshold, "expected two classes, found \(names.count)",
        "leave it out: the class with the largest probability is predicted of several")
    }
    guard let positive, !names.contains(positive) else { return target }
    let near = nearest(to: positive, among: names).map { "did you mean \($0)?" }
    let shown = names.prefix(10).joined(separator: ", ") + (names.count > 10 ? ", …" : "")
    throw unfit(place.positive, "expected one of \(shown), found \(positive)", near ?? "name one of them")
  }

  /// The place of the class that a decision of two classes is about; nil for more.
  func positive(of names: [String], _ baseline: Baseline?) -> Int? {
    guard names.count == 2 else { return nil }
    if let positive, let place = names.firstIndex(of: positive) { return place }
    return baseline?.rarer ?? 1
  }

  /// Throws where rows of classes that have to be there are not: what is fitted would come to nothing.
  func require(_ counts: [Int], of names: [String], positive: Int?) throws {
    let cure = "give validation more rows, divide them by split: {stratified: …}, or leave it out"
    if threshold != nil, let positive, counts[positive] == 0 {
      throw Failure(
        .badData, at: place.threshold, "expected rows of the class \(names[positive]) to choose it by, found none",
        cure: cure)
    }
    if threshold != nil, let positive, counts[1 - positive] == 0 {
      throw Failure(
        .badData, at: place.threshold,
        "expected rows of another class than \(names[positive]) to choose it by, found none", cure: cure)
    }
    guard let calibration, let missing = counts.firstIndex(of: 0) else { return }
    guard calibration == .isotonic || counts.count(where: { $0 > 0 }) < 2 else { return }
    throw Failure(
      .badData, at: place.calibrate, "expected rows of each class, found none of \(names[missing])", cure: cure)
  }
}

extension Baseline {
  /// Of two classes the one that fewer training rows have; nil for more, and for numbers.
  var rarer: Int? {
    guard case .frequencies(let frequencies) = self, frequencies.count == 2 else { return nil }
    return frequencies[0] < frequencies[1] ? 0 : 1
  }
}

extension Dataset {
  /// How many samples have each class of a target: all, or those that weigh anything.
  func counts(of target: JudgedData.Target, names: [String], weighing: Bool = false) -> [Int] {
    let heavy: [Bool]? = (weighing ? weights : nil).map { weights in
      switch weights {
      case .floats(let values): values.map { $0 > 0 }
      case .mapped(let values): values.withUnsafeBufferPointer { $0.map { $0 > 0 } }
      }
    }
    func counts(_ row: Int) -> Bool { heavy?[row] ?? true }
    var all = [Int](repeating: 0, count: names.count)
    targets.withClasses { classes in
      for (row, number) in classes.enumerated() where number != target.ignored && counts(row) { all[Int(number)] += 1 }
    }
    targets.withValues { values in
      for row in 0..<count where counts(row) { all[Int(values[row * target.of + target.column].rounded())] += 1 }
    }
    return all
  }
}
