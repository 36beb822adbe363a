import ArgumentParser
import Foundation
import Lockstep

/// What the commands that use a trained model share.
struct ModelOptions: ParsableArguments {
  @Argument(help: ArgumentHelp("A checkpoint, or a run directory for its newest one.", valueName: "checkpoint"))
  var checkpoint: String

  func validate() throws { try refuseEmpty(checkpoint, "<checkpoint>") }

  func load() throws -> Model {
    try Model(checkpoint, lanes: ProcessInfo.processInfo.activeProcessorCount) { note in
      writeStandardError(line: "note: \(note)")
    }
  }
}
