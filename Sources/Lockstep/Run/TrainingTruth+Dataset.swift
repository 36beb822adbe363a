import Datasets
import Diagnostics
import Judging
import Losses
import Metrics

extension Dataset {
  /// The columns that figures look at.
  var judgedColumns: [String: JudgedColumn] {
    auxiliary.mapValues { column in
      switch column {
      case .words(let codes, let words): .words(RowNumbers(codes), words)
      case .numbers(let numbers): .numbers(RowNumbers(numbers))
      case .mappedWords(let codes, let words): .words(RowNumbers(codes), words)
      case .mappedNumbers(let numbers): .numbers(RowNumbers(numbers))
      }
    }
  }

  /// What is true of training samples, as figures of a target look at them.
  func truth(of target: JudgedData.Target) -> TrainingTruth {
    func column<Number: BitwiseCopyable & Sendable>(_ number: (Float) -> Number) -> RowNumbers<Number> {
      RowNumbers(
        targets.withValues { all in (0..<count).map { number(all[$0 * target.of + target.column]) } } ?? [])
    }
    let columns = judgedColumns
    switch targets {
    case .classes(let classes, _): return TrainingTruth(.classes(RowNumbers(classes)), columns: columns)
    case .mappedClasses(let classes, _): return TrainingTruth(.classes(RowNumbers(classes)), columns: columns)
    case .values, .mappedValues, .following, .none:
      guard target.classes != nil else { return TrainingTruth(.numbers(column { Double($0) }), columns: columns) }
      return TrainingTruth(.classes(column { Int32($0.rounded()) }), columns: columns)
    }
  }

  /// How often a target has each class, or its mean; nil without samples.
  func baseline(of target: JudgedData.Target) -> Baseline? {
    guard count > 0 else { return nil }
    if let names = target.classes {
      let counts = self.counts(of: target, names: names)
      return counts.reduce(0, +) > 0 ? Baseline(counts: counts) : nil
    }
    // The mean of those before, moved by each: one order, whoever computes it.
    return targets.withValues { values in
      var mean = 0.0
      for row in 0..<count { mean += (Double(values[row * target.of + target.column]) - mean) / Double(row + 1) }
      return .mean(mean)
    }
  }
}

extension RunConfiguration {
  /// What figures of a target stand beside: what the configuration names, where all samples have it, else what training samples
  /// tell. `tell` is given what could not be had.
  func chosenBaseline(
    of target: JudgedData.Target, on dataset: Dataset, training: Dataset?, tell: (String) -> Void
  ) -> Baseline? {
    guard case .lastValue(let column)? = baseline, target.classes == nil else {
      return training?.baseline(of: target)
    }
    if case .numbers(let values)? = dataset.judgedColumns[column] {
      let missing = values.elements.count { !$0.isFinite }
      if missing == 0 { return .lastValue(column: column) }
      tell("the baseline is the mean, as column '\(column)' has no number in \(missing) of \(dataset.count) rows")
    } else {
      tell("the baseline is the mean, as the samples have no column '\(column)'")
    }
    return training?.baseline(of: target)
  }

  /// Throws a bad configuration (78) where a naive forecast is named, and there is not one target of numbers that it is of.
  func requireForecastable(_ dataset: Dataset) throws(Failure) {
    let scaled = metrics.contains { $0 is MeanAbsoluteScaledError }
    guard baseline != nil || scaled else { return }
    let isOfNumbers = if case .values = loss.meaning { true } else { false }
    let found =
      loss.parts.isEmpty ? (isOfNumbers ? dataset.valueWidth ?? 1 : 0) : loss.parts.count { $0.classes == nil }
    guard found != 1 else { return }
    throw Failure(
      .badConfiguration, at: baseline == nil ? "metrics" : "baseline",
      "expected one target of numbers, which a naive forecast is of, found \(found == 0 ? "classes" : "\(found)")",
      cure: "leave \(baseline == nil ? MeanAbsoluteScaledError.kind : "it") out")
  }
}
