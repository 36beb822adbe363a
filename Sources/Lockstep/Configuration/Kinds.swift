import Configuration
import Diagnostics
import Foundation
import Writers

/// All settings of a configuration, and all kinds with theirs, as the readers themselves tell.
public struct Kinds: Encodable {
  /// A key that can be set.
  public struct Setting: Encodable {
    /// Keys of a mapping below are behind a dot: `train.images`.
    package let key: String
    /// `a whole number from 1 to 8`
    package let expected: String
    /// As YAML; nil where it has none.
    package let `default`: String?
    package let required: Bool
  }

  /// One of the kinds that fill a role.
  public struct Kind: Encodable {
    package let kind: String
    /// What it is; nil for one that a program brings along.
    package let summary: String?
    package let keys: [Setting]
    /// Whether all its keys must be named: the value of the first may not stand alone.
    package let wantsNames: Bool
  }

  /// A key of which one of several kinds is the value, or a list of them.
  public struct Role: Encodable {
    package let role: String
    /// How one is named, in a few words.
    package let usage: String
    package let kinds: [Kind]

    init(_ role: String, usage: String? = nil, kinds: [Kind]) {
      (self.role, self.kinds) = (role, kinds)
      self.usage =
        usage
        ?? (kinds.allSatisfy(\.keys.isEmpty)
          ? "kinds without settings"
          : "the first key of a kind may stand alone where no other is required, as in dense: 512")
    }
  }

  /// What `predict` writes, which no key names.
  static var writers: Role {
    Role(
      "writer", usage: "the ending of the name of the file that predict writes",
      kinds: writerKinds.names.map {
        Kind(kind: $0, summary: writerKinds.summary(of: $0), keys: [], wantsNames: false)
      })
  }

  /// The keys at the top of a configuration.
  package let settings: [Setting]
  package private(set) var roles: [Role]

  /// Asks the readers, with the kinds that are registered when it is called.
  public init() throws {
    let reader = ConfigReader.describing()
    _ = try RunConfiguration(reader, name: "")
    let choices = try reader.description.choices()

    func settings(_ description: ConfigDescription) -> [Setting] {
      description.keys.map { key in
        var expected = key.expected
        if let choice = key.choice, let role = choices.first(where: { $0.choice.kinds == choice.kinds })?.role {
          expected = expected.replacing("one of \(choice.kinds.joined(separator: ", "))", with: "a kind of \(role)")
        }
        return Setting(key: key.name, expected: expected, default: key.fallback, required: key.isRequired)
      }
    }
    self.settings = settings(reader.description)
    roles = try choices.map { role, choice in
      Role(
        role,
        kinds: try choice.kinds.map { kind in
          Kind(
            kind: kind, summary: choice.summary(of: kind), keys: settings(try choice.description(of: kind)),
            wantsNames: try choice.wantsNames(kind))
        })
    }
    roles.append(Self.writers)
  }

  /// Only the role, or the kinds, of this name.
  public func named(_ name: String) throws -> [Role] {
    if let role = roles.first(where: { $0.role == name }) { return [role] }
    let found = roles.compactMap { role in
      let kinds = role.kinds.filter { $0.kind == name }
      return kinds.isEmpty ? nil : Role(role.role, usage: role.usage, kinds: kinds)
    }
    guard found.isEmpty else { return found }
    let names = roles.map(\.role)
    let near = nearest(to: name, among: names + roles.flatMap { $0.kinds.map(\.kind) })
    throw Failure(
      .usage, at: name, "there is no such role or kind",
      cure: (near.map { "did you mean \($0)? " } ?? "") + "roles are \(names.joined(separator: ", "))")
  }

  /// Pretty-printed JSON with a line break at its end.
  public static func json(_ value: some Encodable) throws -> String { try sortedJSON(value) + "\n" }

  /// For people: a line a key, with its default and what is expected.
  public var text: String {
    "settings: key, default, what is expected\n" + Self.lines(settings, indent: 2) + "\n" + Self.text(of: roles)
  }

  /// The same of some roles alone.
  public static func text(of roles: [Role]) -> String {
    roles.map { role in
      let others = role.kinds.filter(\.wantsNames).map(\.kind)
      let exception = others.isEmpty ? "" : "; not in \(others.joined(separator: ", "))"
      return
        "\(role.role): \(role.usage)" + exception + "\n"
        + role.kinds.map { kind in
          "  \(kind.kind)\(kind.summary.map { ": \($0)" } ?? "")\n" + lines(kind.keys, indent: 4)
        }.joined()
    }.joined(separator: "\n")
  }

  private static func lines(_ settings: [Setting], indent: Int) -> String {
    let rows = settings.map { [$0.key, $0.default ?? ($0.required ? "required" : "none"), $0.expected] }
    let widths = (0..<2).map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      let cells = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count + 2) }
      return String(repeating: " ", count: indent) + cells.joined() + row[2] + "\n"
    }.joined()
  }
}
