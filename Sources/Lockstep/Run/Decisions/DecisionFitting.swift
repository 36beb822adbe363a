import Communication
import Datasets
import Diagnostics
import Judging
import Losses
import Metrics
import Training

/// Fits decisions to what a network says of samples, and tells what comes of them: at the end of a run, by the command, and where a
/// receipt is computed again. All ranks make one, and call the same.
struct DecisionFitting {
  let judge: SampleJudge
  private var world: any Communicator { judge.world }

  /// Where samples come from that a decision is fitted on.
  struct Origin {
    var kind: Decision.Origin
    /// The absolute path of a file; nil: the run's validation rows, or a program's own samples.
    var file: String?
    /// The name and digest of what is none of the links before: `new.csv sha256:…`.
    var input: String?
  }

  /// Fits one on samples that are ready for the network, on rank zero; all ranks get it.
  ///
  /// - Parameters:
  ///   - baseline: what training samples say of the target, asked for where no positive class is named.
  ///   - weights: the digest of the network's.
  func decision(
    _ settings: DecisionSettings, on ready: Dataset, from origin: Origin, weights: String,
    baseline: (JudgedData.Target) -> Baseline?, tell: (String) -> Void
  ) throws -> Decision {
    let target = try world.agree { try settings.target(judge.configuration.loss, ready, columns: judge.width) }
    let data = try judge.data(of: ready, calibration: nil)
    let own = try world.agree { () -> Decision? in
      guard let data else { return nil }
      guard var rows = try data.judged(target), var classes = rows.classes else {
        throw Failure(.badData, at: ready.source, "expected rows with a class, found none", cure: "give it others")
      }
      let positive = settings.positive(
        of: classes.names, settings.positive == nil && classes.names.count == 2 ? baseline(target) : nil)
      try settings.require(
        ready.counts(of: target, names: classes.names, weighing: true), of: classes.names, positive: positive)
      if let positive {
        classes.positive = positive
        rows = rows.saying(.classes(classes))
      }
      if settings.calibration == .isotonic, rows.count < 1000 {
        tell("isotonic calibration wants a thousand rows or so, found \(grouped(rows.count)): temperature takes fewer")
      }
      let calibration: Calibration? =
        switch settings.calibration {
        case .temperature: .temperature(TemperatureScaling(fittedOn: rows))
        case .isotonic: .isotonic(IsotonicCalibration(fittedOn: rows))
        case nil: nil
        }
      if let calibration { rows = calibration.applied(to: rows) ?? rows }
      return Decision(
        calibration: calibration, threshold: try settings.threshold.map { try FittedThreshold($0, on: rows) },
        positive: positive.map { classes.names[$0] }, data: ready.source, file: origin.file, input: origin.input,
        rows: rows.count, weights: weights, origin: origin.kind)
    }
    guard let decision = try Decision.shared(own, in: world) else { preconditionFailure("rank zero fits a decision") }
    return decision
  }

  /// What the metrics of a run come to by a decision, a line each under the names that `evaluate --json` has, part by part; the same on
  /// all ranks.
  ///
  /// - Parameter training: the training samples; asked for on rank zero, where figures look at them.
  func figures(
    by decision: Decision, on parts: [(name: String, ready: Dataset)], training: () -> Dataset?
  ) throws -> String {
    var text = ""
    for (name, ready) in parts {
      let data = try judge.data(of: ready, calibration: decision.calibration)
      text += try world.agree {
        guard let data, let target = data.targets.first, var rows = try data.judged(target)?.about(nil, decision, nil)
        else { return "" }
        if !ready.auxiliary.isEmpty {
          rows = rows.with(columns: ready.judgedColumns, training: training()?.truth(of: target))
        }
        let metrics = JudgedTarget.metrics(judge.configuration.metrics, of: rows)
        return Judge(metrics, resamples: Resamples(count: 0), team: Model.coreTeam()).judge(rows).inOrder.map {
          "\(name) \($0.key)=\(Self.text($0.figure.value))\n"
        }.sorted().joined()
      }
    }
    return try world.allGather(text)[0]
  }

  private static func text(_ figure: Figure) -> String {
    switch figure {
    case .value(let value): "\(value)"
    case .undefined(let reason): "none: \(reason)"
    }
  }
}
