import Diagnostics

/// The classes that figures of two classes are to be about: `CLASS`, or of one of several targets `TARGET=CLASS`.
///
/// A class alone is that of every target of two classes that has it.
struct PositiveClasses {
  /// Of each target the place of the class; nil where none was asked for.
  private let places: [Int?]

  subscript(target: Int) -> Int? { places[target] }

  /// Throws a usage error (64) where no target has such a class, and where one target is asked for two of them.
  init(_ asked: [String], of targets: [(name: String?, classes: [String]?)]) throws {
    var found = [Int?](repeating: nil, count: targets.count)
    let choices = targets.indices.filter { targets[$0].classes?.count == 2 }
    for text in asked {
      let chosen = try Self.chosen(text, among: choices.map { ($0, targets[$0].name, targets[$0].classes!) })
      for (target, place) in chosen {
        guard found[target] ?? place == place else {
          throw Failure(
            .usage, at: "--positive",
            "expected one class of \(targets[target].name ?? "the target"), found another one, '\(text)'",
            cure: "leave one out")
        }
        found[target] = place
      }
    }
    places = found
  }

  private typealias Choice = (target: Int, name: String?, classes: [String])

  private static func chosen(_ text: String, among choices: [Choice]) throws -> [(target: Int, place: Int)] {
    // A class may have an equals sign in its name.
    let plain: [(target: Int, place: Int)] = choices.compactMap { choice in
      choice.classes.firstIndex(of: text).map { (choice.target, $0) }
    }
    let named = choices.filter { choice in choice.name.map { text.hasPrefix("\($0)=") } ?? false }
    let exact: [(target: Int, place: Int)] = named.compactMap { choice in
      choice.classes.firstIndex(of: String(text.dropFirst(choice.name!.count + 1))).map { (choice.target, $0) }
    }
    if !exact.isEmpty { return exact }
    if !plain.isEmpty { return plain }
    guard !choices.isEmpty else {
      throw Failure(
        .usage, at: "--positive", "expected a model of two classes, found none", cure: "leave it out")
    }
    let possible =
      choices.count == 1 && named.isEmpty
      ? choices[0].classes
      : (named.isEmpty ? choices : named).flatMap { choice in
        choice.classes.map { choices.count == 1 ? $0 : "\(choice.name ?? "")=\($0)" }
      }
    let shown = possible.prefix(12)
    let list =
      shown.count == 2 ? shown.joined(separator: " or ") : "one of " + shown.joined(separator: ", ")
    throw Failure(
      .usage, at: "--positive", "expected \(list)\(possible.count > shown.count ? ", …" : ""), found \(text)")
  }
}
