/// A fault that a test asks for by the environment: `LOCKSTEP_FAULT=flip-parameter:rank=1:step=7`.
///
/// It shows that the checks notice what hardware and networks do now and then. A training or audit with a fault says so at
/// its start; without the variable nothing of this costs anything.
package struct InjectedFault: Sendable, Equatable, CustomStringConvertible {
  package enum Kind: String, Sendable, CaseIterable {
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
    /// One bit of what the rank's probe of the model computes halfway forward, before the run begins.
    case flipForward = "flip-forward"
    /// The same halfway backward.
    case flipBackward = "flip-backward"
    /// The rank is stopped (SIGSTOP) when it has ended MPI.
    case stopAtEnd = "stop-at-end"

    /// Whether it comes to one rank.
    var hasRank: Bool { self != .keyOrder && self != .keyDropout }
    /// Whether it comes in one step.
    var hasStep: Bool { hasRank && ![.flipForward, .flipBackward, .stopAtEnd].contains(self) }
  }

  package let kind: Kind
  /// Nil where it is of all ranks.
  package let rank: Int?
  /// From 1, as messages count; nil where it is of all steps, or of none.
  package let step: Int?

  package init(_ kind: Kind, rank: Int? = nil, step: Int? = nil) {
    self.kind = kind
    self.rank = rank
    self.step = step
  }

  package static let variable = "LOCKSTEP_FAULT"

  /// What the environment asks for; nil where it asks for nothing.
  package init?(environment: [String: String]) throws {
    guard let text = environment[Self.variable], !text.isEmpty else { return nil }
    let parts = text.split(separator: ":").map(String.init)
    func number(_ key: String) -> Int? {
      parts.first { $0.hasPrefix("\(key)=") }.flatMap { Int($0.dropFirst(key.count + 1)) }
    }
    let (rank, step) = (number("rank"), number("step"))
    guard let kind = Kind(rawValue: parts.first ?? ""), (rank != nil) == kind.hasRank, (step != nil) == kind.hasStep,
      parts.count == 1 + (kind.hasRank ? 1 : 0) + (kind.hasStep ? 1 : 0)
    else {
      throw Failure(
        .usage, at: Self.variable,
        "expected \(names { $0.hasStep }) with rank and step, \(names { $0.hasRank && !$0.hasStep }) with rank, or "
          + "\(names { !$0.hasRank }), found \(text)",
        cure: "for instance flip-leaf:rank=1:step=7")
    }
    self.init(kind, rank: rank, step: step)

    func names(_ isWanted: (Kind) -> Bool) -> String {
      Kind.allCases.filter(isWanted).map(\.rawValue).joined(separator: ", ")
    }
  }

  /// Whether it befalls `rank` in the step that is `step` from 0.
  package func befalls(_ kind: Kind, rank: Int, step: Int) -> Bool {
    self.kind == kind && self.rank == rank && self.step == step + 1
  }

  /// Whether it befalls `rank`, in whatever step.
  package func befalls(_ kind: Kind, rank: Int) -> Bool { self.kind == kind && self.rank == rank }

  /// The seed that `rank` draws from where this fault, of a kind that keys seeds, is or is not `kind`.
  package func seed(_ seed: UInt64, _ kind: Kind, rank: Int) -> UInt64 {
    self.kind == kind ? seed &+ UInt64(rank) : seed
  }

  package var description: String {
    kind.rawValue + (rank.map { " on rank \($0)" } ?? "") + (step.map { " in step \($0)" } ?? "")
  }
}
