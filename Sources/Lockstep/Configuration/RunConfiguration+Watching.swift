import Optimizers

extension RunConfiguration {
  /// What makes the learning rate fall; nil where nothing does.
  var plateau: Plateau? { if case .plateau(let plateau) = schedule.shape { plateau } else { nil } }

  /// Who looks at scores while a run trains, and at which: by the keys of their settings.
  var watchers: [(key: String, metric: String)] {
    var watchers: [(key: String, metric: String)] = []
    if let earlyStopping { watchers.append(("early-stopping", earlyStopping.metric)) }
    if let plateau { watchers.append(("schedule.plateau", plateau.metric)) }
    return watchers
  }
}
