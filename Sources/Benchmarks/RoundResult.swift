/// What one round of one case found; means are over the steps of the round.
public struct RoundResult: Codable, Equatable, Sendable {
  /// What is counted: samples, or the tokens of texts.
  public var unit = "samples"
  public var samplesPerSecond = 0.0
  /// Floating-point operations of a training step for one sample: two for each multiplication that is added up, and
  /// backward counts as twice forward. What the first layer's backward pass leaves out is counted all the same.
  public var flopsPerSample = 0.0
  /// Floating-point operations a second of bare matrix products, all ranks and lanes together; 0 without weights.
  public var matrixFlopsPerSecond = 0.0

  /// Seconds of a step, and where they went: the mean over the ranks.
  public var stepSeconds = 0.0
  public var computeSeconds = 0.0
  /// Communication that did not hide behind computation.
  public var communicationSeconds = 0.0
  /// Lanes waiting for others of their rank, the mean over the lanes.
  public var laneSeconds = 0.0
  /// Waiting for slower ranks.
  public var waitingSeconds = 0.0
  public var inputSeconds = 0.0

  /// Over all ranks, a step: what `CountingCommunicator` counts.
  public var bytesPerStep = 0.0
  public var messagesPerStep = 0.0
  /// Over all ranks, a step: bytes of gradients and parameters that a rank reads where another one wrote them.
  public var sharedBytesPerStep = 0.0
  /// Of one rank, a step.
  public var barriersPerStep = 0.0
  /// Of the rank with the most: calls of `malloc` and the like, by Lockstep and Swift's libraries.
  public var allocationsPerStep = 0.0
  /// The same calls by MPI and oneDNN, whose matrix product makes one.
  public var libraryAllocationsPerStep = 0.0
  /// Of the rank with the most: the most bytes that were ever resident.
  public var peakMemoryBytes = 0

  /// When the first step was done, in seconds since 1970.
  public var firstStepTime = 0.0
  public var host = ""
  public var instructionSet = ""

  public init() {}

  /// The model's operations as a share of what the same cores do in bare matrix products; 0 where that is unknown.
  public var flopShare: Double {
    matrixFlopsPerSecond > 0 ? samplesPerSecond * flopsPerSample / matrixFlopsPerSecond : 0
  }
}
