/// A fault that a test asks for by the environment: `LOCKSTEP_FAULT=flip-parameter:rank=1:step=7`.
///
/// It shows that the checks notice what hardware and networks do now and then. A run with a fault says so at its start;
/// without the variable nothing of this costs anything.
public struct InjectedFault: Sendable, Equatable, CustomStringConvertible {
  public enum Kind: String, Sendable, CaseIterable {
    /// One bit of the rank's first leaf of the step.
    case flipLeaf = "flip-leaf"
    /// One bit of a sum of gradients that the rank owns, after other ranks' nodes were added.
    case flipSum = "flip-sum"
    /// One bit of the rank's copy of the parameters, after the step.
    case flipParameter = "flip-parameter"
    /// The rank leaves out the first collective of the step's reduction.
    case skipCollective = "skip-collective"
  }

  public let kind: Kind
  public let rank: Int
  /// From 1, as messages count.
  public let step: Int

  public init(_ kind: Kind, rank: Int, step: Int) {
    self.kind = kind
    self.rank = rank
    self.step = step
  }

  public static let variable = "LOCKSTEP_FAULT"

  /// What the environment asks for; nil where it asks for nothing.
  public init?(environment: [String: String]) throws {
    guard let text = environment[Self.variable], !text.isEmpty else { return nil }
    let parts = text.split(separator: ":").map(String.init)
    func number(_ key: String) -> Int? {
      parts.first { $0.hasPrefix("\(key)=") }.flatMap { Int($0.dropFirst(key.count + 1)) }
    }
    guard let kind = Kind(rawValue: parts.first ?? ""), let rank = number("rank"), let step = number("step"),
      parts.count == 3
    else {
      throw Failure(
        .usage, at: Self.variable,
        "expected \(Kind.allCases.map(\.rawValue).joined(separator: ", ")) with rank and step, found \(text)",
        cure: "for instance flip-leaf:rank=1:step=7")
    }
    self.init(kind, rank: rank, step: step)
  }

  /// Whether it befalls `rank` in the step that is `step` from 0.
  public func befalls(_ kind: Kind, rank: Int, step: Int) -> Bool {
    self.kind == kind && self.rank == rank && self.step == step + 1
  }

  public var description: String { "\(kind.rawValue) on rank \(rank) in step \(step)" }
}
