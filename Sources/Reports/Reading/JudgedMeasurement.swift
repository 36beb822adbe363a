import Diagnostics
import Judging
import Lockstep

/// What a judge says of a model, in the words of a page.
extension Measurement {
  /// Takes the figures with their intervals in place of those without, and curves.
  mutating func take(_ target: JudgedTarget, decision: Decision?, isWeighted: Bool) {
    let own = scores
    let judged = target.judgement.inOrder.map { key, figure in
      Score(key, figure, baseline: target.baseline, like: own)
    }
    // The same under two names says nothing.
    let loss = own.filter { one in
      one.name == "loss" && !judged.contains { abs($0.figure.value - one.figure.value) < 1e-6 * abs(one.figure.value) }
    }
    scores = loss + judged
    if let headline, let better = scores.first(where: { $0.name == headline.name }) { self.headline = better }
    if target.judgement.resamples > 0 {
      intervals = "\(grouped(target.judgement.resamples)) resamples of the rows (bootstrap)"
    }
    let total = target.table?.classes.reduce(0) { $0 + $1.support } ?? 0
    curves = target.curves.map { one in
      let support = target.table?.classes.first { $0.name == one.name }?.support ?? 0
      var curves = ClassCurves(
        name: one.name, roc: one.roc.map(\.place), precisionRecall: one.precisionRecall.map(\.place),
        gain: one.gain.map(\.place), share: total > 0 ? support / total : 0)
      curves.thresholds = one.counts.map {
        ($0.threshold, $0.recall, $0.precision, $0.falsePositiveRate, $0.flagged)
      }
      return curves
    }
    reliability = (target.reliability?.bins ?? []).map {
      ReliabilityBin(probability: $0.probability, frequency: $0.frequency, weight: $0.weight)
    }
    if let chosen = decision?.threshold, curves.count == 1 {
      let origin = decision?.origin == .configuration ? "decide of the configuration" : "lockstep decide"
      threshold = ChosenThreshold(
        chosen.threshold, how: Self.words(chosen.rule) + " on \(chosen.rows) rows, by \(origin)")
      cost = CostFacts(chosen, target)
    }
    // What comes of decisions, where those are not of the more probable class.
    if decision != nil, let table = target.table, let confusion = table.confusion, classes != nil {
      classes = ClassFacts(names: table.classes.map(\.name), confusion: confusion, isWeighted: isWeighted)
    }
  }

  private static func words(_ rule: ThresholdRule) -> String {
    switch rule {
    case .f1: "chosen for the best f1"
    case .cost: "chosen for the least cost"
    case .recall(let recall): "chosen to find \(ReportedFigure.short(100 * recall)) % of them"
    }
  }
}

extension CostFacts {
  /// Of a threshold that was chosen by costs; nil of others.
  fileprivate init?(_ threshold: FittedThreshold, _ target: JudgedTarget) {
    guard case .cost(let costs) = threshold.rule, let figure = target.judgement.figures["cost"],
      let value = figure.value.value, let classes = target.table?.classes
    else { return nil }
    let own = classes.filter { $0.name == threshold.name }.reduce(0) { $0 + $1.support }
    let all = classes.reduce(0) { $0 + $1.support }
    let trivial = costs.trivial(positive: own, negative: all - own)
    self.init(
      name: threshold.name, value: ReportedFigure(value, interval: figure.interval?.bounds.map { $0.low...$0.high }),
      always: trivial.always, never: trivial.never)
    (falseAlarm, miss) = (costs.falsePositive, costs.falseNegative)
  }
}

extension Measurement.Score {
  /// Of a judge's figure; what was guessed is told as another score of the same name tells it, where both come to the same.
  init(_ key: String, _ figure: JudgedFigure, baseline: Baseline?, like others: [Measurement.Score] = []) {
    let name = key.replacing("-", with: " ")
    // Noise of resamples only adds to the gaps that it is the mean of, so that their interval can lie above it.
    let bounds = key.hasPrefix("calibration-error") ? nil : figure.interval?.bounds
    let interval = bounds.map { min($0.low, $0.high)...max($0.low, $0.high) }
    var beside: (value: Double, how: String)?
    if let value = figure.beside?.value {
      let other = others.first { $0.name == name }?.baseline
      let isSame = other.map { abs($0.value - value) < 1e-9 } ?? false
      beside = isSame ? other : (value, baseline.map(Self.words) ?? "guessing")
    }
    self.init(name, ReportedFigure(figure.value.value ?? .nan, interval: interval), baseline: beside)
    if case .undefined(let why) = figure.value { reason = why }
  }

  private static func words(_ baseline: Baseline) -> String {
    switch baseline {
    case .frequencies: "class frequencies of training"
    case .mean: "the mean of training rows"
    case .lastValue(let column): "the last value, \(column)"
    }
  }
}

extension CurvePoint {
  fileprivate var place: ClassCurves.Point { (x, y, threshold) }
}
