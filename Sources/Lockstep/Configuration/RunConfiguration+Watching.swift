import Diagnostics
import Optimizers

extension RunConfiguration {
  /// What makes the learning rate fall; nil where nothing does.
  var plateau: Plateau? { if case .plateau(let plateau) = schedule.shape { plateau } else { nil } }

  /// What is to be said of a plateau at whose earliest end the run is over; nil where the rate may fall.
  ///
  /// The first evaluation sets what later ones are compared with, and one at the run's end has no step behind it.
  var plateauNote: String? {
    guard let plateau else { return nil }
    let every = output.evaluateEvery
    let earliest = every * (1 + (plateau.patience + every - 1) / every)
    guard earliest >= epochs else { return nil }
    return
      "schedule.plateau never lets the learning rate fall: with a patience of \(count(plateau.patience, "epoch")) and "
      + "evaluate-every \(every) it may behind epoch \(earliest) at the earliest, and the run has \(epochs); "
      + "lower one of them, or train longer"
  }

  /// Who looks at scores while a run trains, and at which: by the keys of their settings.
  var watchers: [(key: String, metric: String)] {
    var watchers: [(key: String, metric: String)] = []
    if let earlyStopping { watchers.append(("early-stopping", earlyStopping.metric)) }
    if let plateau { watchers.append(("schedule.plateau", plateau.metric)) }
    return watchers
  }
}
