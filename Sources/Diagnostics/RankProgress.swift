import Synchronization

/// Where a rank is: noted by its training thread, read by whoever wants to know why nothing moves.
///
/// Noting costs a few stores, takes no lock and allocates nothing.
public final class RankProgress: Sendable {
  /// What a rank is doing, from the first line of the program to its last.
  package enum Phase: Int, Sendable, CaseIterable {
    case starting, gathering, computing, exchanging, reducing, spreading, evaluating, checkpointing
    /// Outside of the run: MPI begins, the communicator is made, the ranks learn what to do, MPI ends, the processes end.
    case initialising, joining, agreeing, finalising, leaving

    /// The words for a phase that has no steps; nil for the others.
    var wordsWithoutStep: String? {
      switch self {
      case .initialising: "starting MPI, in MPI_Init_thread"
      case .joining: "making the communicator, in MPI_Comm_split_type"
      case .agreeing: "agreeing on what to do"
      case .finalising: "ending MPI, in MPI_Finalize"
      case .leaving: "ending, after MPI_Finalize"
      default: nil
      }
    }
  }

  /// The collectives of `Communicator`.
  package enum Collective: Int, Sendable, CaseIterable {
    case barrier = 1
    case broadcast, allGather, allToAll, shareMemory, nativeSum

    /// As MPI calls it.
    package var name: String {
      switch self {
      case .barrier: "MPI_Barrier"
      case .broadcast: "MPI_Bcast"
      case .allGather: "MPI_Allgatherv"
      case .allToAll: "MPI_Alltoallv"
      case .shareMemory: "MPI_Win_allocate_shared"
      case .nativeSum: "MPI_Allreduce"
      }
    }
  }

  private let beats = Atomic<Int>(0)
  private let step = Atomic<Int>(0)
  private let phase = Atomic<Int>(0)
  private let part = Atomic<Int>(-1)
  private let collective = Atomic<Int>(0)
  private let isInside = Atomic<Bool>(false)
  private let sequence = Atomic<Int>(0)

  public init() {}

  /// Notes that `step`, from 0, is in `phase`, and at which part of it: a layer, a bucket.
  package func enter(_ phase: Phase, step: Int, part: Int? = nil) {
    self.step.store(step, ordering: .relaxed)
    self.phase.store(phase.rawValue, ordering: .relaxed)
    self.part.store(part ?? -1, ordering: .relaxed)
    beat()
  }

  /// Notes that another part of the phase has begun.
  package func reach(_ part: Int) {
    self.part.store(part, ordering: .relaxed)
    beat()
  }

  /// Notes that a collective begins; each has the next number, on all ranks alike.
  package func begin(_ collective: Collective) {
    self.collective.store(collective.rawValue, ordering: .relaxed)
    sequence.add(1, ordering: .relaxed)
    isInside.store(true, ordering: .relaxed)
    beat()
  }

  /// Notes that it is over.
  package func end() {
    isInside.store(false, ordering: .relaxed)
    beat()
  }

  /// A number that changes whenever anything is noted, of this rank or of work that knows of none.
  package var count: Int { beats.load(ordering: .relaxed) &+ SignsOfLife.count }

  private func beat() { beats.add(1, ordering: .relaxed) }

  /// Where the rank is now.
  package var position: Position {
    Position(
      step: step.load(ordering: .relaxed), phase: Phase(rawValue: phase.load(ordering: .relaxed)) ?? .starting,
      part: part.load(ordering: .relaxed), collective: Collective(rawValue: collective.load(ordering: .relaxed)),
      sequence: sequence.load(ordering: .relaxed), isInside: isInside.load(ordering: .relaxed))
  }

  /// A place in a run. Its fields are read one after the other: exact only while nothing moves.
  package struct Position: Equatable, Sendable {
    /// From 0.
    package let step: Int
    package let phase: Phase
    /// A layer or a bucket, from 0; -1 where the phase has no parts.
    package let part: Int
    /// The last that was begun.
    package let collective: Collective?
    /// How many were begun.
    package let sequence: Int
    /// Whether the last is still under way.
    package let isInside: Bool

    package init(step: Int, phase: Phase, part: Int, collective: Collective?, sequence: Int, isInside: Bool) {
      self.step = step
      self.phase = phase
      self.part = part
      self.collective = collective
      self.sequence = sequence
      self.isInside = isInside
    }

    /// `step 13, reducing bucket 2, in MPI_Alltoallv (collective 117)`, or `starting MPI, in MPI_Init_thread`.
    package var text: String {
      if let words = phase.wordsWithoutStep { return words }
      let unit = phase == .reducing ? " bucket \(part)" : " layer \(part)"
      let call = collective.map { "\(isInside ? "in" : "after") \($0.name) (collective \(sequence))" }
      return "step \(step + 1), \(phase)\(part < 0 ? "" : unit), \(call ?? "before the first collective")"
    }
  }
}
