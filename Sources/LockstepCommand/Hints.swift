import ArgumentParser
import Foundation
import Lockstep

/// What the parser of arguments cannot know: that a setting was meant, or a command misspelt.
struct Hints {
  /// The arguments behind the program's name.
  let arguments: [String]

  /// What would put the arguments right; nil where nothing is known.
  func hint(for message: String) -> String? {
    if let match = message.firstMatch(of: #/Unknown option '-{1,2}([^'=]+)/#) { return setting(String(match.1)) }
    guard let match = message.firstMatch(of: #/nexpected arguments?:? '([^']+)'/#) else { return nil }
    let word = String(match.1)
    if word == arguments.first { return command(word) }
    let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    return parts.count == 2 ? "did you mean --set \(word)?" : nil
  }

  private func command(_ word: String) -> String? {
    if Recipes.all[word] != nil || word.hasSuffix(".yaml") { return "did you mean lockstep train \(word)?" }
    let names = LockstepCommand.configuration.subcommands
      .filter { $0.configuration.shouldDisplay }.map { $0._commandName }
    return nearest(to: word, among: names).map { "did you mean lockstep \($0)?" }
  }

  /// How a setting is given that was taken for an option.
  private func setting(_ name: String) -> String? {
    guard takesSettings, let path = path(of: name) else { return nil }
    return "settings are given by --set: --set \(path)=\(value(of: name) ?? "…")"
  }

  /// Whether the command has `--set`; what `launch` starts has.
  private var takesSettings: Bool {
    ["train", "inspect", "verify", "doctor", "bench", "launch"].contains(arguments.first ?? "")
  }

  private func value(of name: String) -> String? {
    for (place, word) in arguments.enumerated() {
      if word.hasPrefix("--\(name)=") { return String(word.dropFirst(name.count + 3)) }
      let next = place + 1
      if word == "--\(name)", next < arguments.count, !arguments[next].hasPrefix("--") { return arguments[next] }
    }
    return nil
  }

  /// The key path of a setting: one at the top, or one of the optimizer, the schedule and so on that the recipe has.
  private func path(of name: String) -> String? {
    guard let kinds = try? Kinds() else { return nil }
    if kinds.settings.contains(where: { $0.key == name || $0.key.hasPrefix("\(name).") }) { return name }
    let recipes = arguments.lazy.filter { Recipes.all[$0] != nil || $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }
    let recipe = recipes.compactMap { try? RunConfiguration(recipeOrFile: $0) }.first
    if let path = recipe?.paths(endingWith: name).first { return path }
    for setting in kinds.settings {
      guard
        let kind = kinds.roles.first(where: { $0.role == setting.key })?.kinds.first(where: {
          $0.kind == setting.default
        }),
        kind.keys.contains(where: { $0.key == name })
      else { continue }
      return "\(setting.key).\(kind.kind).\(name)"
    }
    return nearest(to: name, among: kinds.settings.map(\.key))
  }
}

/// Joins an option and a negative number behind it, which the parser would take for an option: `--length -1` becomes
/// `--length=-1`, and whoever reads the number can say what is expected.
func joiningNegativeNumbers(_ arguments: [String]) -> [String] {
  var joined: [String] = []
  for (place, argument) in arguments.enumerated() {
    let isNumber = argument.hasPrefix("-") && argument.dropFirst().first.map { $0.isNumber || $0 == "." } ?? false
    if isNumber, let last = joined.last, last.hasPrefix("-"), last != "--", !last.contains("="),
      !arguments[..<place].contains("--")
    {
      joined[joined.count - 1] = "\(last)=\(argument)"
    } else {
      joined.append(argument)
    }
  }
  return joined
}
