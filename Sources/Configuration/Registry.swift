import Synchronization

/// One of several things that fill a role: it has a word in configurations, and says in one line what it is.
public protocol NamedKind {
  /// The word for it in a configuration.
  static var kind: String { get }
  /// What it is, in one line, for `lockstep kinds` and for editors; empty where it does not say.
  static var summary: String { get }
}

extension NamedKind {
  public static var summary: String { "" }
}

/// The kinds that fill a role: those that come with it, and those that a program adds.
///
/// ```swift
/// optimizerKinds.add(Lion.self)   // and configurations know `optimizer: lion`
/// ```
public final class Registry<Kind: Sendable>: Sendable {
  private let kinds: Mutex<[Kind]>
  private let name: @Sendable (Kind) -> String
  private let summary: @Sendable (Kind) -> String

  /// - Parameters:
  ///   - kinds: those that come with the role, in the order in which messages list them.
  ///   - name: the word for a kind in a configuration.
  ///   - summary: what a kind is, in one line.
  public init(
    _ kinds: [Kind], named name: @escaping @Sendable (Kind) -> String,
    summary: @escaping @Sendable (Kind) -> String = { _ in "" }
  ) {
    self.kinds = Mutex([])
    (self.name, self.summary) = (name, summary)
    for kind in kinds { add(kind) }
  }

  /// Adds a kind, behind those that are there. To be called before a configuration is read; its word must be new.
  public func add(_ kind: Kind) {
    let name = name
    kinds.withLock { kinds in
      precondition(!kinds.contains { name($0) == name(kind) }, "there is a kind \(name(kind)) already")
      kinds.append(kind)
    }
  }

  /// All of them.
  public var all: [Kind] { kinds.withLock(\.self) }

  /// The words for all of them, in that order.
  public var names: [String] { all.map(name) }

  /// What a kind of this name is, in one line; nil where there is none, or it does not say.
  public func summary(of name: String) -> String? {
    let kind = all.first { self.name($0) == name }
    return kind.map(summary).flatMap { $0.isEmpty ? nil : $0 }
  }

  /// How a configuration names and reads them.
  public func cases<Value>(_ read: @escaping (Kind, ConfigReader) throws -> Value) -> ConfigCases<Value> {
    ConfigCases(all.map { kind in (name(kind), summary(kind), { try read(kind, $0) }) })
  }
}
