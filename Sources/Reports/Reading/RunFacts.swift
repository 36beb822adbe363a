import Lockstep

/// All that a page tells of a run: plain values, in which what a run lacks is missing.
package struct RunFacts: Sendable {
  /// As the user named it.
  package var path: String
  package var name: String
  /// What was passed over, or could not be read, a line each.
  package var notes: [String] = []
  /// What the checkpoint of the best epoch says, where training kept one, else the newest whole one; nil: there is none.
  package var record: Record?
  /// Epochs done at the newest whole checkpoint; nil: there is none.
  package var lastEpoch: Int?
  /// Where early stopping watches a score: which, the epoch where it was best, and the last one where it was measured.
  package var watched: (metric: String, best: Int, measured: Int)?
  /// Of `config.yaml`: the text, and its values one by one; empty where it cannot be read.
  package var configuration = ""
  package var settings: [(path: String, text: String)] = []
  package var history = MetricsHistory()
  package var receipt: Receipt?
  package var times: RunTimes?
  package var data: DataFacts?
  /// How the checkpoint is rounded to 8 bits, where that was chosen.
  package var quantisation: Quantisation?
  /// How many weights are zeros, by slot; nil where the run prunes none.
  package var pruned: [PrunedSlot]?
  /// What it came to beside its teacher; nil: it had none.
  package var distilled: Distilled?
  /// What it was cut from; nil: it was not cut.
  package var shrinking: Shrinking?
  /// What was measured again, the test rows first.
  package var measured: [Measurement] = []
  /// Why nothing was; nil: it was.
  package var unmeasured: String?

  package init(path: String, name: String) { (self.path, self.name) = (path, name) }

  /// Of a checkpoint.
  package struct Record: Sendable {
    package var step = 0
    package var epoch = 0
    package var digest = ""
    package var programs: [String] = []
    package var instructionSet = ""
    package var parameters = 0
    package var classes: [String]?
    package var targets: [String]?
    package var features: [String]?
    package var input: [Int] = []
    package var metrics: [String: Double] = [:]
    package init() {}
  }

  /// Whether it has come to its end.
  package var isFinished: Bool { receipt != nil && (epochs.map { doneEpochs >= $0 } ?? true || isEndedEarly) }

  /// Whether the score that is watched had not improved for as long as it may.
  package var isEndedEarly: Bool {
    guard receipt != nil, let watched, let patience = setting("early-stopping.patience").flatMap({ Int($0) }) else {
      return false
    }
    return watched.measured - watched.best >= patience && doneEpochs < epochs ?? .max
  }

  /// Whether the weights are those of the epoch that the test rows were predicted best by.
  package var isChosenByTest: Bool { watched?.metric.hasPrefix("test-") ?? false }

  /// Epochs that were trained, whichever of them the weights are of.
  package var doneEpochs: Int { lastEpoch ?? record?.epoch ?? history.epochs.last?.epoch ?? 0 }

  /// Epochs that its configuration asks for; nil: unknown.
  package var epochs: Int? { setting("epochs").flatMap { Int($0) } }

  /// A value of its configuration.
  package func setting(_ path: String) -> String? { settings.first { $0.path == path }?.text }

  /// What is predicted, as the configuration and the checkpoint name it.
  package var targets: [String] {
    if let targets = data?.targets, !targets.isEmpty { return targets }
    return record?.targets ?? []
  }

  /// The measurement that the page speaks of first.
  package var best: Measurement? { measured.first }
}

extension RunFacts {
  /// The run as far as one of several targets is concerned: what was measured of it, in each part.
  func about(_ target: String?) -> RunFacts {
    var run = self
    run.measured = measured.compactMap { part in part.targets.first { $0.target == target } }
    run.data?.targets = [target].compactMap { $0 }
    run.record?.targets = run.data?.targets
    return run
  }

  /// The targets of which all is told, where there are several.
  var detailed: ArraySlice<Measurement> { best?.targets.prefix(Measurer.mostTargets) ?? [] }

  /// The values of its configuration, those of a table's columns under the columns' names: what stands at another place in a
  /// list is no difference.
  var namedSettings: [(path: String, text: String)] {
    let list = "data.table.columns."
    var names: [Substring: String] = [:]
    for (path, text) in settings where path.hasPrefix(list) {
      let parts = path.dropFirst(list.count).split(separator: ".")
      guard parts.count > 2, parts[2] == "columns" else { continue }
      names[parts[0]] = names[parts[0]].map { "\($0), \(text)" } ?? text
    }
    return settings.map { path, text in
      guard path.hasPrefix(list) else { return (path, text) }
      let parts = path.dropFirst(list.count).split(separator: ".")
      guard let place = parts.first, let name = names[place] else { return (path, text) }
      return ("column \(name): \(parts.dropFirst().joined(separator: "."))", text)
    }
  }

  /// Whether the tokens of a text are predicted.
  var isText: Bool { settings.contains { $0.path.hasPrefix("data.text") || $0.path.hasPrefix("data.noise-text") } }
}
