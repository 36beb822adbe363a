import Communication
import Diagnostics
import Foundation
import Training

/// Computes micro-batches of the step after a checkpoint on every rank, and compares them bit for bit.
package final class Audit {
  private let auditor: Auditor
  /// From 0.
  package let step: Int
  /// Micro-batches of that step.
  package let leafCount: Int

  /// All ranks make one, with the same arguments.
  ///
  /// - Parameter path: a checkpoint, or a run directory for its newest one.
  package init(
    _ path: String, world base: any Communicator, watchdog: Watchdog? = nil,
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws {
    let model = try Model(path, world: base, watchdog: watchdog)
    let world = watchdog?.watched(base) ?? base
    let read = try world.agree { try PreparedData.readTrain(model.configuration) }
    let data = try world.agree { try read.transformed(by: model.transforms) }
    try PreparedData.requireSame([data], [data.checksum], world)
    let fault = try world.agree { try InjectedFault(environment: environment) }
    var options = model.configuration.trainerOptions(samples: data.count, cores: 1)
    options.augmenter = try world.agree { try model.configuration.augmenter(for: read) }
    let plan = try world.agree { try model.configuration.compared(model.plan) }
    options.lesson = try model.configuration.teacher.map {
      try Teacher(
        $0, of: data, for: plan, loss: model.configuration.loss, augmenter: options.augmenter, in: world
      ).lesson
    }
    // After the last step there is no next one: then it is done once more.
    step = min(model.record.step, options.schedule.steps - 1)
    auditor = Auditor(
      plan: plan, dataset: data, options: options, parameters: model.parameters.view, world: world, fault: fault)
    leafCount = auditor.leafCount(ofStep: step)
  }

  /// Computes micro-batch `leaf` everywhere; throws a `CollectiveFailure` that names who computed something else. All
  /// ranks call it.
  package func compare(leaf: Int) throws { try auditor.compare(leaf: leaf, ofStep: step) }
}
