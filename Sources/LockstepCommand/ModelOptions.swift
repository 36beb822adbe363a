import ArgumentParser
import Foundation
import Lockstep
import MPICommunication

/// What the commands that use a trained model share.
struct ModelOptions: ParsableArguments {
  @Argument(help: ArgumentHelp("A checkpoint, or a run directory for its newest one.", valueName: "checkpoint"))
  var checkpoint: String

  func validate() throws { try refuseEmpty(checkpoint, "<checkpoint>") }

  /// Loads it for the ranks of `world` together; all ranks call it.
  func load(
    _ world: any Communicator, watchdog: Watchdog? = nil, decision: Model.KeptDecision = .used,
    arithmetic: Model.Arithmetic = .asTrained
  ) throws -> Model {
    try Model(checkpoint, world: world, watchdog: watchdog, decision: decision, arithmetic: arithmetic) { note in
      if world.rank == 0 { writeStandardError(line: "note: \(note)") }
    }
  }

  /// Loads it for this process alone; refuses to be one of several that would all do the same work.
  func load(for command: String, arithmetic: Model.Arithmetic = .asTrained) throws -> Model {
    try requireAlone(command)
    return try load(LocalWorld.single(), arithmetic: arithmetic)
  }
}

/// What the commands share that can use a model of whole numbers.
struct ArithmeticOptions: ParsableArguments {
  @Flag(name: .customLong("int8"), help: "Compute with whole numbers of 8 bits, as quantise has chosen.")
  var integers = false

  var arithmetic: Model.Arithmetic { integers ? .integers : .asTrained }
}
