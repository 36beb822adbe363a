import ArgumentParser
import Foundation
import Lockstep

struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract:
      "Show the layers, shapes, parameters and memory of a configuration or a checkpoint, or the tensors in a file.")

  @Argument(
    help: ArgumentHelp(
      "A checkpoint, a run directory, a recipe, a YAML file, or a file of tensors (.safetensors, .pth, .pt, .bin, .onnx).",
      valueName: "what"))
  var subject: String

  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp("Override a setting of a configuration.", valueName: "key.path=value"))
  var overrides: [String] = []

  @Flag(help: "Print the configuration as YAML, every default filled in, and nothing else.")
  var yaml = false

  func validate() throws { try refuseEmpty(subject, "<what>") }

  func run() throws {
    try requireAlone("inspect")
    var isDirectory: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: subject, isDirectory: &isDirectory)
    if exists, !isDirectory.boolValue, let origin = WeightsFiles.origin(of: subject) {
      guard overrides.isEmpty, !yaml else {
        throw Failure(
          .usage, at: overrides.isEmpty ? "--yaml" : "--set", "expected none for a file of tensors",
          cure: "leave it out")
      }
      return try writeStandardOutput(Inspection(weights: subject, as: origin).text + "\n")
    }
    let isCheckpoint = exists && isDirectory.boolValue && Recipes.all[subject] == nil
    if isCheckpoint, !overrides.isEmpty {
      throw Failure(
        .usage, at: "--set", "expected none for a checkpoint, whose settings are what they were",
        cure: "leave it out, or inspect a recipe or a file")
    }
    if yaml {
      let configuration =
        isCheckpoint
        ? try Model(subject).configuration : try RunConfiguration(recipeOrFile: subject, overrides: overrides)
      return try writeStandardOutput(result: configuration.resolved)
    }
    let inspection =
      isCheckpoint ? try Inspection(checkpoint: subject) : try Inspection(recipe: subject, overrides: overrides)
    try writeStandardOutput(inspection.text + "\n")
  }
}
