import Tensors

/// Which samples make up which step: a pure function of (samples, batch, seed), for any number of ranks.
///
/// An epoch is ⌈samples / batch⌉ steps; the last may be smaller, and every sample counts exactly once.
public struct SampleSchedule: Sendable {
  package let samples: Int
  package let batch: Int
  package let microBatch: Int
  package let seed: UInt64

  package init(samples: Int, batch: Int, microBatch: Int, seed: UInt64) {
    precondition(samples > 0, "there must be samples")
    precondition(
      batch > 0 && microBatch > 0 && batch % microBatch == 0, "batch \(batch) is no multiple of \(microBatch)")
    self.samples = samples
    self.batch = batch
    self.microBatch = microBatch
    self.seed = seed
  }

  package var stepsPerEpoch: Int { (samples + batch - 1) / batch }

  /// One step: its place in the run, and how many samples it has.
  public struct Step: Equatable, Sendable {
    /// From 0, over the whole run.
    public let number: Int
    /// From 0.
    public let epoch: Int
    /// The position in the epoch of its first sample.
    public let firstPosition: Int
    public let count: Int
    /// Micro-batches: the last may have absent samples.
    public let leaves: Int
  }

  /// Step `number`, from 0.
  package func step(_ number: Int) -> Step {
    let (epoch, place) = number.quotientAndRemainder(dividingBy: stepsPerEpoch)
    let count = min(batch, samples - place * batch)
    return Step(
      number: number, epoch: epoch, firstPosition: place * batch, count: count,
      leaves: (count + microBatch - 1) / microBatch)
  }

  /// How many leaves a step can have: a full batch's, and the last one's of an epoch.
  package var leafCounts: Set<Int> { [step(0).leaves, step(stepsPerEpoch - 1).leaves] }
}
