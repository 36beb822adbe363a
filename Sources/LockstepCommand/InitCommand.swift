import ArgumentParser
import Foundation
import Lockstep

struct InitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Look at data and write a configuration that trains a model of them.",
    discussion: """
      Data are a table whose column --target is to be predicted; a folder of pictures, sounds or texts, with a folder in it for \
      each class; or one text, whose next piece is predicted. What is in them is looked at; a split, a model of sensible size and \
      metrics are chosen. The configuration trains as it is, and tells in comments what to change.

      A database is named as in a configuration: '{sqlite: {file: shop.db, query: "SELECT * FROM orders", key: id}}'.
      """)

  @Argument(
    help: ArgumentHelp(
      "A file, a pattern or a folder, whose names tell the format, or a source in braces.", valueName: "data"))
  var data: String

  @Option(
    name: .shortAndLong, help: ArgumentHelp("Of a table, the column that is to be predicted.", valueName: "column"))
  var target: String?

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("The configuration to write (default: the data's name with .yaml).", valueName: "file"))
  var output: String?

  @Flag(help: "Overwrite the configuration where there is one.")
  var force = false

  func validate() throws {
    try refuseEmpty(data, "<data>")
    try refuseEmpty(target, "--target")
    try refuseEmpty(output, "--output")
  }

  func run() throws {
    try requireAlone("init")
    let output = output ?? draftName(of: data)
    guard force || !FileManager.default.fileExists(atPath: output) else {
      throw Failure(
        .usage, at: output, "expected no file, found one",
        cure: "name another with --output, or overwrite it with --force")
    }
    let draft = try draft(of: data, target: target, configuration: output)
    try draft.write(to: output)
    writeStandardError(line: draft.found)
    for note in draft.notes { writeStandardError(line: "note: \(note)".shown()) }
    writeStandardError(line: "\(output): written; next: lockstep train \(DraftPlace.word(output))")
  }
}
