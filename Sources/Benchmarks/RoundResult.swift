/// What one round of one case found; means are over the steps of the round.
package struct RoundResult: Codable, Equatable, Sendable {
  /// What is counted: samples, or the tokens of texts.
  package var unit = "samples"
  package var samplesPerSecond = 0.0
  /// Floating-point operations of a training step for one sample: two for each multiplication that is added up, and
  /// backward counts as twice forward. What the first layer's backward pass leaves out is counted all the same.
  package var flopsPerSample = 0.0
  /// Floating-point operations a second of bare fused multiply-adds, all ranks and lanes together.
  package var peakFlopsPerSecond = 0.0

  /// Seconds of a step, and where they went: the mean over the ranks.
  package var stepSeconds = 0.0
  package var computeSeconds = 0.0
  /// Communication that did not hide behind computation.
  package var communicationSeconds = 0.0
  /// Lanes waiting for others of their rank, the mean over the lanes.
  package var laneSeconds = 0.0
  /// Waiting for slower ranks.
  package var waitingSeconds = 0.0
  package var inputSeconds = 0.0

  /// Over all ranks, a step: what `CountingCommunicator` counts.
  package var bytesPerStep = 0.0
  package var messagesPerStep = 0.0
  /// Over all ranks, a step: bytes of gradients and parameters that a rank reads where another one wrote them.
  package var sharedBytesPerStep = 0.0
  /// Of one rank, a step.
  package var barriersPerStep = 0.0
  /// Of the rank with the most: calls of `malloc` and the like, by Lockstep and Swift's libraries.
  package var allocationsPerStep = 0.0
  /// The same calls by MPI and other libraries.
  package var libraryAllocationsPerStep = 0.0
  /// Of the rank with the most: the most bytes that were ever resident.
  package var peakMemoryBytes = 0

  /// When the first step was done, in seconds since 1970.
  package var firstStepTime = 0.0
  package var host = ""
  package var instructionSet = ""

  package init() {}

  /// The model's operations as a share of what the same cores could do at most; 0 where that is unknown.
  package var flopShare: Double {
    peakFlopsPerSecond > 0 ? samplesPerSecond * flopsPerSample / peakFlopsPerSecond : 0
  }
}
