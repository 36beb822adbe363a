import Judging

/// What a receipt tells of a decision.
extension Receipt {
  static let decisionLink = "decision"
  static let metricsLink = "metrics"
  /// What stands before the digest of what was measured without a decision, among the inputs of `metrics`.
  static let measured = "measured "

  /// The texts whose digests the links of a decision hold.
  struct Decided: Equatable {
    /// The rule, the calibration, and the class that they are about.
    var settings: String
    /// What was fitted, number by number.
    var output: String
    /// The data that it was fitted on, where those are none of the links before.
    var inputs: [String]
    /// What the run's metrics come to by it.
    var figures: String

    /// The link's contents, as its digest is taken of them.
    var link: Receipt.Link {
      var receipt = Receipt()
      receipt.add(Receipt.decisionLink, settings: settings, output: Receipt.digest(output), inputs: inputs)
      return receipt.links[0]
    }
  }

  /// The link of a decision; nil where there is none.
  var decision: Link? { links.first { $0.name == Self.decisionLink } }

  /// The digest of a run's weights, or of what is left of them where they were cut; nil where it ended before it had some.
  var weights: String? {
    (links.first { $0.name == Self.shrinkLink } ?? links.first { $0.name == "weights" })?.output
  }

  /// The same run's receipt with a decision in front of the metrics, or without one, whichever it had before.
  ///
  /// With one, `metrics` has among its inputs the digest of what was measured without it, and gives what comes of it.
  func deciding(_ decided: Decided?) -> Receipt {
    var receipt = Receipt()
    for link in links where link.name != Self.decisionLink {
      guard link.name == Self.metricsLink else {
        receipt.add(link, output: link.output)
        continue
      }
      let kept = link.inputs?.first { $0.hasPrefix(Self.measured) }
      let measured = kept.map { String($0.dropFirst(Self.measured.count)) } ?? link.output
      guard let decided else {
        receipt.add(link.name, output: measured)
        continue
      }
      let own = decided.link
      receipt.add(own, output: own.output)
      receipt.add(link.name, output: Self.digest(decided.figures), inputs: [Self.measured + measured])
    }
    return receipt
  }
}

extension Decision {
  /// What it is fitted by, a line each: the settings of its link.
  private var settingsText: String {
    """
    threshold: \(threshold?.rule.text ?? "none")
    calibrate: \(calibration?.kind.rawValue ?? "none")
    positive: \(positive ?? "none")
    """
  }

  /// All that was fitted, a line a thing, numbers by their bits: the output of its link.
  private var outputText: String {
    func bits(_ value: Double?) -> String { value.map { String($0.bitPattern, radix: 16) } ?? "none" }
    var lines = ["rows \(rows)"]
    switch calibration {
    case .temperature(let scaling): lines.append("temperature \(bits(scaling.temperature))")
    case .isotonic(let isotonic):
      lines.append("isotonic of \(isotonic.positive.map { "\($0)" } ?? "each")")
      for function in isotonic.functions {
        lines.append("x " + function.xs.map(bits).joined(separator: " "))
        lines.append("y " + function.ys.map(bits).joined(separator: " "))
      }
    case nil: break
    }
    if let threshold {
      lines.append("threshold \(bits(threshold.threshold)) of \(threshold.name) on \(threshold.rows)")
      let costs = [threshold.cost, threshold.costOfAlways, threshold.costOfNever]
      lines.append(
        "comes to "
          + ([threshold.precision.value, threshold.recall, threshold.f1] + costs).map(bits).joined(separator: " "))
    }
    return lines.joined(separator: "\n")
  }

  /// What the receipt tells of it, with the metrics that come of it.
  func decided(figures: String) -> Receipt.Decided {
    Receipt.Decided(settings: settingsText, output: outputText, inputs: input.map { [$0] } ?? [], figures: figures)
  }

  /// Whether a receipt's link tells of it.
  func isTold(by link: Receipt.Link?) -> Bool {
    guard let link else { return false }
    let own = decided(figures: "").link
    return link.settings == own.settings && link.output == own.output && link.inputs == own.inputs
  }
}

extension Calibration {
  var kind: Decision.CalibrationKind {
    switch self {
    case .temperature: .temperature
    case .isotonic: .isotonic
    }
  }
}
