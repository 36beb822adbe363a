import ArgumentParser
import Lockstep

struct KindsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kinds",
    abstract: "List all settings, and all kinds of data, layers, losses, optimizers and so on, with their keys.",
    discussion: "lockstep kinds optimizer lists one role, lockstep kinds adam one kind.")

  @Argument(help: ArgumentHelp("A role, such as model, or a kind, such as dense (default: all).", valueName: "role"))
  var name: String?

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws { try refuseEmpty(name, "<role>") }

  func run() throws {
    try requireAlone("kinds")
    let kinds = try Kinds()
    guard let name else { return try writeStandardOutput(result: json ? Kinds.json(kinds) : kinds.text) }
    let roles = try kinds.named(name)
    try writeStandardOutput(result: json ? Kinds.json(roles) : Kinds.text(of: roles))
  }
}
