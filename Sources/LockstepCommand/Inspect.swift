import ArgumentParser
import Foundation
import Lockstep

struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show the layers, shapes, parameters and memory of a configuration or a checkpoint.")

  @Argument(help: ArgumentHelp("A checkpoint, a run directory, a recipe or a YAML file.", valueName: "what"))
  var subject: String

  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp("Override a setting of a configuration.", valueName: "key.path=value"))
  var overrides: [String] = []

  func validate() throws { try refuseEmpty(subject, "<what>") }

  func run() throws {
    var isDirectory: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: subject, isDirectory: &isDirectory)
    let inspection =
      exists && isDirectory.boolValue && Recipes.all[subject] == nil
      ? try Inspection(checkpoint: subject) : try Inspection(recipe: subject, overrides: overrides)
    try writeStandardOutput(inspection.text + "\n")
  }
}
