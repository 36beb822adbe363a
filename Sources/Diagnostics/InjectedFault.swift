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
    /// Every rank's number goes into the seed of its sample order, from the first step on.
    case keyOrder = "key-order"
    /// Every rank's number goes into the seed of its dropout, from the first step on.
    case keyDropout = "key-dropout"

    /// Whether it comes to one rank in one step.
    var hasPlace: Bool { self != .keyOrder && self != .keyDropout }
  }

  public let kind: Kind
  /// Nil where it is of all ranks, and of all steps.
  public let rank: Int?
  /// From 1, as messages count.
  public let step: Int?

  public init(_ kind: Kind, rank: Int? = nil, step: Int? = nil) {
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
    let (rank, step) = (number("rank"), number("step"))
    guard let kind = Kind(rawValue: parts.first ?? ""), (rank != nil) == kind.hasPlace, (step != nil) == kind.hasPlace,
      parts.count == (kind.hasPlace ? 3 : 1)
    else {
      throw Failure(
        .usage, at: Self.variable,
        "expected \(names { $0.hasPlace }) with rank and step, or \(names { !$0.hasPlace }), found \(text)",
        cure: "for instance flip-leaf:rank=1:step=7")
    }
    self.init(kind, rank: rank, step: step)

    func names(_ isWanted: (Kind) -> Bool) -> String {
      Kind.allCases.filter(isWanted).map(\.rawValue).joined(separator: ", ")
    }
  }

  /// Whether it befalls `rank` in the step that is `step` from 0.
  public func befalls(_ kind: Kind, rank: Int, step: Int) -> Bool {
    self.kind == kind && self.rank == rank && self.step == step + 1
  }

  /// The seed that `rank` draws from where this fault, of a kind that keys seeds, is or is not `kind`.
  public func seed(_ seed: UInt64, _ kind: Kind, rank: Int) -> UInt64 {
    self.kind == kind ? seed &+ UInt64(rank) : seed
  }

  public var description: String {
    kind.rawValue + (rank.map { " on rank \($0)" } ?? "") + (step.map { " in step \($0)" } ?? "")
  }
}
